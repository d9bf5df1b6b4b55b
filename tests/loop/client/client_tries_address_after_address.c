/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses of a name are tried in turn until one answers. When none does, the error names each
 * with its own cause, and so does the report.
 */

#include <errno.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

/* IPv6 comes first and refuses; only IPv4 has a server. */
static void second_address_answers(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	kernel_fetch_cookie(AF_INET);
	kernel_fetch_cookie(AF_INET6);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	client_verify_as("localhost");
	struct tlsfo_conn *conn = client_connect_well(config, "both.test", peer.port);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	/* The second makes sure that it is not the data that is refused. */
	const size_t refused = 2;
	assert_int_equal(report.attempt_count, refused + 1);
	for (size_t i = 0; i < refused; i++) {
		assert_string_equal(report.attempts[i].address, "::1");
		assert_int_equal(report.attempts[i].mode, i);
		assert_int_equal(report.attempts[i].result, TLSFO_ATTEMPT_FAILED);
		assert_int_equal(report.attempts[i].error, ECONNREFUSED);
	}
	assert_string_equal(report.attempts[refused].address, "127.0.0.1");
	assert_int_equal(report.attempts[refused].mode, TLSFO_MODE_FAST_OPEN);
	assert_int_equal(report.attempts[refused].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.attempts[refused].error, 0);
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.family, AF_INET);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.error, 0);
	assert_string_equal(tlsfo_conn_error(conn), "");
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void no_address_answers(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;

	(void)state;
	assert_int_equal(client_connect(config, "both.test", net_unused_port(AF_INET6), &conn),
		TLSFO_E_NOT_CONNECTED);
	const char *text = tlsfo_conn_error(conn);
	assert_non_null(strstr(text, "::1"));
	assert_non_null(strstr(text, "127.0.0.1"));
	assert_non_null(strstr(text, strerror(ECONNREFUSED)));
	assert_int_equal(tlsfo_conn_fd(conn), -1);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(report.system_error, ECONNREFUSED);
	assert_int_equal(report.attempt_count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(report.attempts[i].result, TLSFO_ATTEMPT_FAILED);
		assert_int_equal(report.attempts[i].error, ECONNREFUSED);
	}
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void causes_are_kept_apart(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;

	(void)state;
	assert_int_equal(client_connect(config, "192.0.2.1", 443, &conn), TLSFO_E_NOT_CONNECTED);
	assert_non_null(strstr(tlsfo_conn_error(conn), strerror(ENETUNREACH)));
	assert_int_equal(client_report(conn).attempts[0].error, ENETUNREACH);
	tlsfo_conn_free(conn);
	net_reject_elsewhere();
	assert_int_equal(client_connect(config, "192.0.2.1", 443, &conn), TLSFO_E_NOT_CONNECTED);
	assert_non_null(strstr(tlsfo_conn_error(conn), strerror(EHOSTUNREACH)));
	assert_int_equal(client_report(conn).attempts[0].error, EHOSTUNREACH);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

/* The attempt to the second address starts with the plain one to the first. */
static void expect_race(const struct tlsfo_report *report)
{
	assert_int_equal(report->attempt_count, 3);
	assert_string_equal(report->address, "127.0.0.1");
	for (size_t i = 0; i < report->attempt_count; i++) {
		assert_string_equal(report->attempts[i].address, i == 2 ? "127.0.0.1" : "::1");
		assert_int_equal(report->attempts[i].result,
			i == 2 ? TLSFO_ATTEMPT_WON : TLSFO_ATTEMPT_LOST);
	}
	/* The attempt delay, not a share of the time to the deadline. */
	assert_true(report->attempts[1].start_us >= 250000);
	assert_true(report->attempts[1].start_us < 900000);
}

/* A dead address does not use up the time of those behind it. */
static void swallowed_address_is_passed_over(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	(void)state;
	net_filter("add rule inet t in meta nfproto ipv6 tcp flags & (syn|ack) == syn drop\n");
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	snprintf(service, sizeof(service), "%u", peer.port);
	client_verify_as("localhost");
	assert_int_equal(
		client_reach(config, "both.test", service, tlsfo_deadline_in(2000), &conn), 0);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	expect_race(&report);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_address_answers),
		cmocka_unit_test(no_address_answers),
		cmocka_unit_test(causes_are_kept_apart),
		cmocka_unit_test(swallowed_address_is_passed_over),
	};

	net_begin();
	net_need_names();
	net_need_filter();
	return suite_run("the client tries address after address", tests, suite_length(tests));
}
