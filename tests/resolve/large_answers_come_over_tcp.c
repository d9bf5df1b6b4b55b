/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An answer that is cut off over UDP is asked for over TCP. A server that closes that connection is a
 * failure and raises no signal.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"large.test", DNS_A, "192.0.2.1 192.0.2.2", 0, DNS_TRUNCATED, NULL},
	{"large.test", DNS_AAAA, "2001:db8::1", 0, DNS_TRUNCATED, NULL},
	{"rude.test", DNS_A, "192.0.2.1", 0, DNS_HANG_UP, NULL},
	{"rude.test", DNS_AAAA, "2001:db8::1", 0, DNS_HANG_UP, NULL},
};

static void test(void **state)
{
	struct dns dns;

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	ask_whole("large.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2");
	ask_failure("rude.test", "443", RESOLVE_FAILED, "rude.test: ");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("large answers come over TCP", tests, suite_length(tests));
}
