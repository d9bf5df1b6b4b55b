/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A question that is lost is asked again, after two seconds and not the five that old versions of
 * c-ares wait. */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"lost.test", DNS_A, "192.0.2.1", 0, DNS_LOST, NULL},
};

static void test(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	ask_start(&ask, "lost.test", "443", AF_INET);
	ask_expect(&ask, "192.0.2.1");
	assert_in_range(ask_elapsed_ms(&ask), 1900, 4900);
	ask_end(&ask);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("a lost question is asked again", tests, suite_length(tests));
}
