/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connection that is lost with early data in flight, at whatever moment of the handshake: one new
 * connection is made, without early data and without the ticket just offered, and carries the data
 * once. Where nothing may be sent twice, the failure is told.
 */

#include <errno.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void expect_second_connection(struct peer *peer)
{
	struct early_seen seen = early_hear(peer);

	assert_false(seen.announced);
	assert_false(early_has_ticket(&seen));
	assert_int_equal(seen.early, 0);
	assert_true(seen.ended);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
}

static void expect_report(const struct tlsfo_report *report)
{
	assert_int_equal(report->reconnected, TLSFO_RECONNECT_CONNECTION_LOST);
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report->early_data_bytes, 0);
	assert_int_equal(report->resumed, 0);
	assert_int_equal(report->verified, 1);
	assert_int_equal(report->error, 0);
	assert_string_equal(report->error_text, "");
	/* The first is there too, and did not win. */
	assert_int_equal(report->attempt_count, 2);
	assert_int_equal(report->attempts[0].result, TLSFO_ATTEMPT_FAILED);
	/* A server that closes makes no error of the system's. */
	int error = report->attempts[0].error;
	assert_true(error == 0 || error == ECONNRESET || error == EPIPE);
	assert_int_equal(report->attempts[1].result, TLSFO_ATTEMPT_WON);
}

static void check(int family, const struct early_turn *lost)
{
	const struct early_turn turns[] = {{0}, *lost, {0}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	early_start(&peer, &(struct early_options){family, NULL, turns, suite_length(turns)});
	client_request(config, family, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(config, family, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_false(seen.handshake);
	expect_second_connection(&peer);
	expect_report(&report);
	/* The third visit has the second connection's ticket. */
	report = client_request(config, family, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	early_hear(&peer);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void at_once(void **state)
{
	(void)state;
	check(AF_INET, &(struct early_turn){.end = EARLY_RESET});
	check(AF_INET6, &(struct early_turn){.end = EARLY_RESET});
}

static void flight_read(void **state)
{
	(void)state;
	check(AF_INET, &(struct early_turn){.end = EARLY_CLOSE});
	check(AF_INET6, &(struct early_turn){.end = EARLY_CLOSE});
}

static void flight_read_and_reset(void **state)
{
	(void)state;
	check(AF_INET, &(struct early_turn){.end = EARLY_RESET_READ});
	check(AF_INET6, &(struct early_turn){.end = EARLY_RESET_READ});
}

/* In a record's header, after it, in ServerHello, behind it, in what is encrypted. */
static void in_the_answer(void **state)
{
	static const size_t cuts[] = {1, 5, 60, 127, 134, 140, 180};

	(void)state;
	for (size_t i = 0; i < suite_length(cuts); i++) {
		check(AF_INET, &(struct early_turn){.end = EARLY_CUT, .cut = cuts[i]});
		check(AF_INET, &(struct early_turn){.end = EARLY_CUT_RESET, .cut = cuts[i]});
	}
}

/* With a cookie the flight leaves in the SYN, and the loss may be the first thing that is seen. */
static void with_a_cookie(void **state)
{
	(void)state;
	kernel_fetch_cookie(AF_INET);
	check(AF_INET, &(struct early_turn){.end = EARLY_RESET});
	check(AF_INET, &(struct early_turn){.end = EARLY_CLOSE});
	check(AF_INET, &(struct early_turn){.end = EARLY_CUT, .cut = 100});
}

/* The second connection is the last: what is lost then is told. */
static void twice(void **state)
{
	static const struct early_turn turns[] = {
		{0}, {.end = EARLY_CLOSE}, {.end = EARLY_CLOSE}, {0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	int ret = client_connect_first(config, "127.0.0.1", peer.port, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);
	assert_int_equal(ret, GNUTLS_E_PREMATURE_TERMINATION);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, ret);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_CONNECTION_LOST);
	assert_int_equal(report.attempt_count, 2);
	tlsfo_conn_free(conn);
	/* There was no third. */
	early_hear(&peer);
	early_hear(&peer);
	early_hear(&peer);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_true(early_hear(&peer).handshake);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Data that is not marked was not sent early, and nothing is made again. */
static void unmarked(void **state)
{
	static const struct early_turn turns[] = {{0}, {.end = EARLY_CLOSE}, {0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	int ret = client_connect_first(
		config, "127.0.0.1", peer.port, REQUEST, strlen(REQUEST), 0, &conn);
	assert_int_equal(ret, GNUTLS_E_PREMATURE_TERMINATION);
	assert_int_equal(client_report(conn).reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(client_report(conn).attempt_count, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"reset at once", at_once, NULL, NULL, NULL},
		{"closed when the flight was read", flight_read, NULL, NULL, NULL},
		{"reset when the flight was read", flight_read_and_reset, NULL, NULL, NULL},
		{"lost in the middle of the answer", in_the_answer, NULL, NULL, NULL},
		{"with a cookie", with_a_cookie, NULL, NULL, NULL},
		{"lost twice", twice, NULL, NULL, NULL},
		{"data that is not marked", unmarked, NULL, NULL, NULL},
	};

	return suite_run(
		"a connection lost with early data is made again", tests, suite_length(tests));
}
