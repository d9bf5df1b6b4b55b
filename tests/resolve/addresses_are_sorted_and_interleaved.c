/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The addresses of a name come in the system's order (RFC 6724), and the families take turns (RFC 8305
 * §4).
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	/* No route leads there, so precedence decides: IPv6 comes first. */
	{"far.test", DNS_A, "192.0.2.1 192.0.2.2 192.0.2.3", 0, DNS_ANSWER, NULL},
	{"far.test", DNS_AAAA, "2001:db8::1 2001:db8::2", 0, DNS_ANSWER, NULL},
	/* Both can be reached, and the loopback address of IPv6 has the higher precedence. */
	{"near.test", DNS_A, "127.0.0.2 127.0.0.3", 0, DNS_ANSWER, NULL},
	{"near.test", DNS_AAAA, "::1", 0, DNS_ANSWER, NULL},
	/* Only IPv4 can be reached. */
	{"half.test", DNS_A, "192.0.2.1 127.0.0.2 127.0.0.3", 0, DNS_ANSWER, NULL},
	{"half.test", DNS_AAAA, "2001:db8::1 2001:db8::2", 0, DNS_ANSWER, NULL},
	/* 2002::/16 stands behind IPv4 in the policy table. */
	{"6to4.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"6to4.test", DNS_AAAA, "2002:c000:201::1 2001:db8::1", 0, DNS_ANSWER, NULL},
};

static void test(void **state)
{
	struct dns dns;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	ask_whole("far.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3");
	ask_whole("far.test", AF_INET, "192.0.2.1 192.0.2.2 192.0.2.3");
	ask_whole("far.test", AF_INET6, "2001:db8::1 2001:db8::2");
	ask_whole("near.test", AF_UNSPEC, "::1 127.0.0.2 127.0.0.3");
	ask_whole("half.test", AF_UNSPEC, "127.0.0.2 2001:db8::1 127.0.0.3 2001:db8::2 192.0.2.1");
	ask_whole("6to4.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 2002:c000:201::1");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("addresses are sorted and interleaved", tests, suite_length(tests));
}
