/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Without resolv.conf, or with name servers that no route leads to, names in the hosts file are
 * there, and others fail long before a name server would be given up.
 */

#include "resolve/ask.h"
#include "support/etc.h"
#include "support/suite.h"

static void check(void)
{
	struct ask ask;

	ask_whole("both.test", AF_UNSPEC, "::1 127.0.0.1");
	ask_start(&ask, "www.test", "443", AF_UNSPEC);
	ask_expect_end(
		&ask, TLSFO_E_NAME_LOOKUP_FAILED, "www.test: the name could not be looked up: ");
	/* One server is given five seconds. */
	assert_true(ask_elapsed_ms(&ask) < 4500);
	ask_end(&ask);
}

static void no_file(void **state)
{
	(void)state;
	check();
}

static void no_route(void **state)
{
	(void)state;
	etc_write("resolv.conf", "nameserver 192.0.2.53\nnameserver 2001:db8::53\n");
	check();
	etc_remove("resolv.conf");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file),
		cmocka_unit_test(no_route),
	};

	etc_need();
	etc_write("hosts", "127.0.0.1 both.test\n::1 both.test\n");
	return suite_run("a missing name server fails at once", tests, suite_length(tests));
}
