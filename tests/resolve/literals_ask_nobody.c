/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Addresses in text, with brackets and scopes, are there at once, and neither a thread nor anybody else is
 * asked; nor is anybody where only an address can be meant.
 */

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

static const struct {
	const char *host;
	int family;
	const char *addresses; /* NULL: a failure */
	const char *error;
} hosts[] = {
	{"192.0.2.1", AF_UNSPEC, "192.0.2.1", NULL},
	{"192.0.2.1", AF_INET, "192.0.2.1", NULL},
	{"192.0.2.1", AF_INET6, NULL, "192.0.2.1: not an IPv6 address"},
	{"2001:db8::1", AF_UNSPEC, "2001:db8::1", NULL},
	{"2001:db8::1", AF_INET, NULL, "2001:db8::1: not an IPv4 address"},
	{"[2001:db8::1]", AF_UNSPEC, "2001:db8::1", NULL},
	{"fe80::1%lo", AF_UNSPEC, "fe80::1%lo", NULL},
	{"[fe80::1%lo]", AF_INET6, "fe80::1%lo", NULL},
	{"[fe80::1%1]", AF_UNSPEC, "fe80::1%lo", NULL},
	{"fe80::1%nosuch", AF_UNSPEC, NULL, "fe80::1%nosuch: not an IPv6 address of an interface"},
	{"2001:db8::x", AF_UNSPEC, NULL, "2001:db8::x: not an IP address"},
	{"[www.test]", AF_UNSPEC, NULL, "www.test: not an IP address"},
	{"127.1", AF_UNSPEC, "127.0.0.1", NULL},
};

static void test(void **state)
{
	struct dns dns;
	struct ask ask;

	(void)state;
	dns_start(&dns, NULL, 0);
	for (size_t i = 0; i < suite_length(hosts); i++) {
		size_t descriptors = suite_open_descriptors();

		ask_start(&ask, hosts[i].host, "443", hosts[i].family);
		assert_int_equal(ask.resolve->wake, -1);
		assert_int_equal(suite_open_descriptors(), descriptors);
		assert_int_equal(suite_threads(), 1);
		if (hosts[i].addresses == NULL)
			ask_expect_end(&ask, TLSFO_E_NAME_NOT_FOUND, hosts[i].error);
		ask_end(&ask);
		if (hosts[i].addresses != NULL)
			ask_whole(hosts[i].host, hosts[i].family, hosts[i].addresses);
	}
	assert_false(dns_was_asked(&dns));
	/* The same could be said of a server that hears nothing. */
	ask_failure("nobody.test", "443", TLSFO_E_NAME_NOT_FOUND, "nobody.test: no such name");
	assert_true(dns_was_asked(&dns));
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("literals ask nobody", tests, suite_length(tests));
}
