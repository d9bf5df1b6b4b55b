/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * No such name, a name without an address, servers that fail, refuse or keep silent: the error names
 * the input and says which it was. That nobody can tell is another failure than that there is none.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"empty.test", DNS_A, NULL, 0, DNS_ANSWER, NULL},
	{"empty.test", DNS_AAAA, NULL, 0, DNS_ANSWER, NULL},
	{"only4.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"broken.test", DNS_A, NULL, 0, DNS_SERVFAIL, NULL},
	{"broken.test", DNS_AAAA, NULL, 0, DNS_SERVFAIL, NULL},
	{"refused.test", DNS_A, NULL, 0, DNS_REFUSED, NULL},
	{"refused.test", DNS_AAAA, NULL, 0, DNS_REFUSED, NULL},
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
};

static void test(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	ask_failure("nobody.test", "443", RESOLVE_NO_ADDRESS, "nobody.test: no such name");
	ask_failure("empty.test", "443", RESOLVE_NO_ADDRESS, "empty.test: the name has no address");
	ask_start(&ask, "only4.test", "443", AF_INET6);
	ask_expect_end(&ask, RESOLVE_NO_ADDRESS, "only4.test: the name has no IPv6 address");
	ask_end(&ask);
	ask_failure("broken.test", "443", RESOLVE_FAILED, "broken.test: the name could not");
	ask_failure("refused.test", "443", RESOLVE_FAILED, "refused.test: the name could not");
	ask_failure("silent.test", "443", RESOLVE_FAILED, "silent.test: the name could not");
	ask_failure("two..dots.test", "443", RESOLVE_NO_ADDRESS, "two..dots.test: n");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("failures are told apart", tests, suite_length(tests));
}
