/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name that is not resolved before the deadline ends the call with GNUTLS_E_TIMEDOUT, and the error
 * says so. A name that is resolved slowly, but before, is connected to.
 */

#include "support/client.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/peer.h"

#define LIMIT_MS 300
/* A name server is given up after a second. */
#define LATE_MS 600

static const struct dns_row rows[] = {
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
	{"slow.test", DNS_A, "127.0.0.1", LIMIT_MS, DNS_ANSWER, NULL},
	{"slow.test", DNS_AAAA, NULL, LIMIT_MS, DNS_ANSWER, NULL},
};

static void check_timeout(int64_t limit_ms)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	/* Making the configuration takes a while of its own. */
	int64_t deadline = limit_ms > 0 ? tlsfo_deadline_in(limit_ms) : TLSFO_NOW;

	assert_int_equal(
		client_reach(config, "silent.test", "443", deadline, &conn), GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() >= deadline);
	assert_true(deadline == TLSFO_NOW || tlsfo_now() < deadline + LATE_MS);
	assert_string_equal(tlsfo_conn_error(conn),
		"silent.test: the name was not resolved before the deadline");
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, GNUTLS_E_TIMEDOUT);
	assert_int_equal(report.attempt_count, 0);
	assert_int_equal(report.resolved_us, TLSFO_UNKNOWN);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void silent(void **state)
{
	size_t threads = suite_threads();
	struct dns dns;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	check_timeout(LIMIT_MS);
	check_timeout(0);
	/* What looks the name up goes on by itself. */
	suite_await_threads(threads);
	dns_stop(&dns);
}

static void slow(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	struct dns dns;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	client_verify_as("localhost");
	struct tlsfo_conn *conn = client_connect_well(config, "slow.test", peer.port);
	client_echo(conn);
	struct tlsfo_report report = client_report(conn);
	assert_true(report.resolved_us >= INT64_C(1000) * LIMIT_MS);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent),
		cmocka_unit_test(slow),
	};

	etc_need();
	return suite_run("names keep the deadline", tests, suite_length(tests));
}
