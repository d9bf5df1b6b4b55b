/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name in the hosts file has the addresses of all its lines there and no others: the name server
 * is not asked, for the other family neither. With "dns files" it is asked first.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct dns_row rows[] = {
	{"four.test", DNS_A, "127.0.0.9", 0, DNS_ANSWER, NULL},
	{"four.test", DNS_AAAA, "2001:db8::9", 0, DNS_ANSWER, NULL},
};

static void test(void **state)
{
	struct dns dns;

	(void)state;
	etc_write("hosts", "# a comment\n"
			   "127.0.0.2 four.test\n"
			   "127.0.0.3 other.test four.test # and so on\n"
			   "::1 both.test\n"
			   "127.0.0.4 both.test\n"
			   "127.0.0.5 last.test\n");
	dns_start(&dns, rows, suite_length(rows));
	ask_whole("four.test", AF_UNSPEC, "127.0.0.2 127.0.0.3");
	ask_whole("FOUR.TEST", AF_INET, "127.0.0.2 127.0.0.3");
	ask_whole("both.test", AF_UNSPEC, "::1 127.0.0.4");
	ask_whole("both.test", AF_INET6, "::1");
	assert_false(dns_was_asked(&dns));
	etc_write("nsswitch.conf", "hosts: dns files\n");
	ask_whole("four.test", AF_UNSPEC, "127.0.0.9 2001:db8::9");
	assert_true(dns_was_asked(&dns));
	ask_whole("last.test", AF_UNSPEC, "127.0.0.5");
	etc_write("nsswitch.conf", "hosts: files dns\n");
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("the hosts file is asked first", tests, suite_length(tests));
}
