/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name server that keeps silent on one family, or fails, does not keep the other from being used.
 * When it has been silent for long enough, the resolution is done.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/net.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"silent6.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"silent6.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
	{"silent4.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent4.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
	{"broken6.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"broken6.test", DNS_AAAA, NULL, 0, DNS_SERVFAIL, NULL},
};

static void check(const char *name, const char *address, bool silent)
{
	struct dns dns;
	struct ask ask;

	net_add_addresses();
	dns_start_briefly(&dns, rows, suite_length(rows));
	ask_start(&ask, name, "443", AF_UNSPEC);
	ask_expect(&ask, address);
	if (silent)
		ask_expect_nothing_yet(&ask);
	ask_expect_end(&ask, 0, "");
	ask_end(&ask);
	dns_stop(&dns);
}

static void silent6(void **state)
{
	(void)state;
	check("silent6.test", "192.0.2.1", true);
}

static void silent4(void **state)
{
	(void)state;
	check("silent4.test", "2001:db8::1", true);
}

static void broken6(void **state)
{
	(void)state;
	check("broken6.test", "192.0.2.1", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent6),
		cmocka_unit_test(silent4),
		cmocka_unit_test(broken6),
	};

	etc_need();
	return suite_run("a silent family does not hold the other", tests, suite_length(tests));
}
