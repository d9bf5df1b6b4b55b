/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/host: what a host is known by, however it was written. */

#include "base/host.h"

#include "support/suite.h"

static void bare_is(const char *host, const char *expected)
{
	size_t len = 0;
	const char *bare = host_bare(host, &len);

	assert_int_equal(len, strlen(expected));
	assert_memory_equal(bare, expected, len);
}

static void test(void **state)
{
	(void)state;
	bare_is("example.org", "example.org");
	bare_is("example.org.", "example.org");
	bare_is("[::1]", "::1");
	bare_is("[fe80::1%eth0]", "fe80::1%eth0");
	bare_is("fe80::1%eth0", "fe80::1%eth0");
	bare_is(".", ".");
	bare_is("[", "[");
	bare_is("[::1", "[::1");
	bare_is("[]", "");
	bare_is("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	return suite_run_offline("host", tests, suite_length(tests));
}
