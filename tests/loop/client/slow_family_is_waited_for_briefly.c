/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Once one family is there, the client waits 50 ms for the other (RFC 8305 §3) and then connects
 * without it. What comes in time is tried in its order.
 */

#include "support/client.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/peer.h"

/* A name server is given up after a second. */
#define SLOW_MS 2000

static const struct dns_row rows[] = {
	{"slow6.test", DNS_A, "127.0.0.1", 0, DNS_ANSWER, NULL},
	{"slow6.test", DNS_AAAA, "::1", SLOW_MS, DNS_ANSWER, NULL},
	{"slow4.test", DNS_A, "127.0.0.1", SLOW_MS, DNS_ANSWER, NULL},
	{"slow4.test", DNS_AAAA, "::1", 0, DNS_ANSWER, NULL},
	{"both.test", DNS_A, "127.0.0.1", 5, DNS_ANSWER, NULL},
	{"both.test", DNS_AAAA, "::1", 0, DNS_ANSWER, NULL},
};

static void check(const char *host, int family, const char *address, size_t attempts, bool waits)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	struct dns dns;

	net_add_addresses();
	dns_start_briefly(&dns, rows, suite_length(rows));
	peer_start(&peer, &(struct peer_options){.family = family}, peer_echo);
	client_verify_as("localhost");
	struct tlsfo_conn *conn = client_connect_well(config, host, peer.port);
	struct tlsfo_report report = client_report(conn);
	assert_string_equal(report.address, address);
	assert_int_equal(report.attempt_count, attempts);
	/* The system gives up later. */
	assert_true(report.resolved_us < 900000);
	if (waits)
		assert_true(report.resolved_us >= 50000);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	dns_stop(&dns);
}

static void slow_ipv6(void **state)
{
	(void)state;
	check("slow6.test", AF_INET, "127.0.0.1", 1, true);
}

/* IPv6 is used as it comes. */
static void slow_ipv4(void **state)
{
	(void)state;
	check("slow4.test", AF_INET6, "::1", 1, false);
}

/* Nobody listens on IPv6. */
static void both(void **state)
{
	(void)state;
	check("both.test", AF_INET, "127.0.0.1", 2, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_ipv6),
		cmocka_unit_test(slow_ipv4),
		cmocka_unit_test(both),
	};

	etc_need();
	return suite_run("a slow family is waited for briefly", tests, suite_length(tests));
}
