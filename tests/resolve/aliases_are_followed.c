/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A name that is an alias of another (CNAME) has the other's addresses. */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"www.alias.test", DNS_A, "192.0.2.1 192.0.2.2", 0, DNS_ANSWER, "real.test"},
	{"www.alias.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, "real.test"},
	{"nothing.alias.test", DNS_A, NULL, 0, DNS_ANSWER, "real.test"},
	{"nothing.alias.test", DNS_AAAA, NULL, 0, DNS_ANSWER, "real.test"},
};

static void test(void **state)
{
	struct dns dns;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	ask_whole("www.alias.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2");
	ask_whole("WWW.Alias.Test.", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2");
	ask_failure("nothing.alias.test", "443", RESOLVE_NO_ADDRESS, "nothing.alias.test: ");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("aliases are followed", tests, suite_length(tests));
}
