/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that wants another group asks for another ClientHello, and TLS has no way on from there with
 * early data in flight: the connection is made again at once, without early data and without the
 * ticket just offered, and carries the data once. The next visit offers that group first, so that it
 * does not happen again.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/program.h"

#define REQUEST	  "how is the weather?\n"
#define SECP384R1 24
#define ONLY_384  WAY_TLS13 ":-GROUP-ALL:+GROUP-SECP384R1"

static const struct early_turn changes[] = {{0}, {.priority = ONLY_384}};

static void expect_reconnection(const struct tlsfo_report *report)
{
	assert_int_equal(report->reconnected, TLSFO_RECONNECT_HELLO_RETRIED);
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report->early_data_reason, TLSFO_WITHHELD_CONNECTED_AGAIN);
	assert_int_equal(report->early_data_bytes, 0);
	assert_int_equal(report->resumed, 0);
	assert_int_equal(report->verified, 1);
	assert_int_equal(report->error, 0);
	assert_int_equal(report->attempt_count, 2);
	/* The system had no part in it. */
	assert_int_equal(report->attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report->attempts[0].error, 0);
	assert_string_equal(report->tls_group, "SECP384R1");
}

static void by_our_server(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, changes, suite_length(changes)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_not_equal(early_hear(&peer).group, SECP384R1);

	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen first = early_hear(&peer);
	assert_true(first.announced);
	assert_true(early_has_ticket(&first));
	assert_false(first.handshake);
	struct early_seen second = early_hear(&peer);
	assert_false(second.announced);
	assert_false(early_has_ticket(&second));
	/* The group is known by then. */
	assert_int_equal(second.group, SECP384R1);
	assert_false(second.retried);
	early_expect_data(&second, REQUEST, strlen(REQUEST));
	expect_reconnection(&report);

	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen next = early_hear(&peer);
	assert_int_equal(next.group, SECP384R1);
	assert_false(next.retried);
	assert_int_equal(next.early, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* A second connection for another reason knows the group of the ticket as the first one did. */
static void group_is_not_forgotten(void **state)
{
	static const struct early_turn turns[] = {
		{.priority = ONLY_384}, {.end = EARLY_CLOSE}, {.priority = ONLY_384}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_true(early_hear(&peer).retried);
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_CONNECTION_LOST);
	early_hear(&peer);
	struct early_seen second = early_hear(&peer);
	assert_int_equal(second.group, SECP384R1);
	assert_false(second.retried);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* With a ticket, but nothing that left early, one connection is enough. */
static void without_early_data(void **state)
{
	static const struct early_turn turns[] = {{0}, {.priority = ONLY_384}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(client_report(conn).hello_retried, 1);
	client_send(conn, REQUEST, strlen(REQUEST));
	client_close(conn);
	struct early_seen seen = early_hear(&peer);
	assert_false(seen.announced);
	assert_true(early_has_ticket(&seen));
	assert_true(seen.retried);
	assert_true(seen.resumed);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	/* The next visit knows the group. */
	conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(client_report(conn).hello_retried, 0);
	client_close(conn);
	seen = early_hear(&peer);
	assert_int_equal(seen.group, SECP384R1);
	assert_false(seen.retried);
	assert_true(seen.resumed);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static struct tlsfo_report visit_openssl(struct tlsfo_config *config, uint16_t port)
{
	char answer[sizeof(REQUEST)] = "";
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, "127.0.0.1", port, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, answer, strlen(REQUEST));
	assert_string_equal(answer, "?rehtaew eht si woh\n");
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	return report;
}

static void by_openssl(void **state)
{
	static const char *const any[] = {"-tls1_3", "-max_early_data", "16384", NULL};
	static const char *const only[] = {
		"-tls1_3", "-max_early_data", "16384", "-groups", "P-384", NULL};
	struct tlsfo_config *config = client_config_default();
	struct program server;

	(void)state;
	program_openssl_on(&server, net_unused_port(AF_INET6), any);
	visit_openssl(config, server.port);
	program_stop(&server);
	program_openssl_on(&server, server.port, only);
	int64_t before = tlsfo_now();
	struct tlsfo_report report = visit_openssl(config, server.port);
	expect_reconnection(&report);
	/* At once, and not when somebody's patience ends. */
	assert_true(tlsfo_now() - before < CLIENT_PATIENCE_MS / 2);

	struct tlsfo_report next = visit_openssl(config, server.port);
	assert_int_equal(next.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(next.resumed, 1);
	assert_string_equal(next.tls_group, "SECP384R1");
	/* It was sent early: this server's way to turn lines around rejects it. */
	assert_int_equal(next.early_data, TLSFO_EARLY_DATA_REJECTED);
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"GnuTLS", by_our_server, NULL, NULL, NULL},
		{"lost, when the group is known", group_is_not_forgotten, NULL, NULL, NULL},
		{"without early data", without_early_data, NULL, NULL, NULL},
		{"openssl s_server", by_openssl, NULL, NULL, NULL},
	};

	program_need("openssl");
	return suite_run(
		"a HelloRetryRequest with early data connects again", tests, suite_length(tests));
}
