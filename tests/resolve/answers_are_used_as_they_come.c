/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses of the family that answers first are used while the other family is still awaited.
 * An IPv6 answer is used at once; an IPv4 answer waits 50 ms for IPv6 (RFC 8305 §3), less if IPv6
 * is answered before, and then goes ahead alone. Addresses that come later are used too, the other
 * family first.
 */

#include <poll.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/suite.h"

#include "base/clock.h"

/* A name server is given up after five seconds. */
#define SLOW_MS 600

static const struct dns_row rows[] = {
	{"slow4.test", DNS_A, "127.0.0.2", SLOW_MS, DNS_ANSWER, NULL},
	{"slow4.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
	{"slow6.test", DNS_A, "192.0.2.1 192.0.2.2 192.0.2.3", 0, DNS_ANSWER, NULL},
	{"slow6.test", DNS_AAAA, "2001:db8::1", SLOW_MS, DNS_ANSWER, NULL},
	{"none6.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"none6.test", DNS_AAAA, NULL, 10, DNS_ANSWER, NULL},
};

static void slow_ipv4(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	net_add_addresses();
	dns_start(&dns, rows, suite_length(rows));
	ask_start(&ask, "slow4.test", "443", AF_UNSPEC);
	ask_expect(&ask, "2001:db8::1");
	ask_expect_nothing_yet(&ask);
	ask_expect(&ask, "127.0.0.2");
	assert_true(ask_elapsed_ms(&ask) >= SLOW_MS);
	ask_expect_end(&ask, 0, "");
	ask_end(&ask);
	suite_await_threads(1);
	dns_stop(&dns);
}

static void slow_ipv6(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	net_add_addresses();
	dns_start(&dns, rows, suite_length(rows));
	ask_start(&ask, "slow6.test", "443", AF_UNSPEC);
	assert_false(answers_settled(&ask.resolve->answers, clock_us()));
	ask_expect(&ask, "192.0.2.1");
	assert_true(ask_elapsed_ms(&ask) >= 50);
	assert_true(answers_settled(&ask.resolve->answers, clock_us()));
	assert_true(ask.resolve->wake >= 0);
	/* The rest of IPv4 may be used as well. */
	ask_expect(&ask, "192.0.2.2");
	assert_true(ask.resolve->wake >= 0);
	while (ask.resolve->wake >= 0) {
		struct pollfd fd = {.fd = ask.resolve->wake, .events = POLLIN};

		assert_true(poll(&fd, 1, SLOW_MS * 30) > 0);
		resolve_advance(ask.resolve, clock_us());
	}
	ask_expect(&ask, "2001:db8::1");
	ask_expect(&ask, "192.0.2.3");
	ask_expect_end(&ask, 0, "");
	ask_end(&ask);
	suite_await_threads(1);
	dns_stop(&dns);
}

/* That there is no IPv6 address is an answer too, and ends the delay. */
static void no_ipv6(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	net_add_addresses();
	dns_start(&dns, rows, suite_length(rows));
	ask_start(&ask, "none6.test", "443", AF_UNSPEC);
	ask_expect(&ask, "192.0.2.1");
	/* After 50 ms, on a slow machine, each family is asked for by itself, and one answer comes later. */
	if (ask_elapsed_ms(&ask) < 50)
		assert_int_equal(ask.resolve->wake, -1);
	ask_expect_end(&ask, 0, "");
	ask_end(&ask);
	suite_await_threads(1);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_ipv4),
		cmocka_unit_test(slow_ipv6),
		cmocka_unit_test(no_ipv6),
	};

	etc_need();
	return suite_run("answers are used as they come", tests, suite_length(tests));
}
