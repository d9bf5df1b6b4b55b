/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/text has one form of a host, however it was written. */

#include "base/text.h"

#include <stdbool.h>

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

static void may_be_name(const char *host, bool may)
{
	assert_int_equal(host_may_be_name(host, strlen(host)), may);
}

static void names(void **state)
{
	(void)state;
	may_be_name("example.org", true);
	may_be_name("_a.test.", true);
	may_be_name("m\xc3\xbcller.test", true);
	may_be_name("", false);
	may_be_name(".", false);
	may_be_name("a b", false);
	may_be_name("a\nb", false);
	may_be_name(" a", false);
	may_be_name("a\x7f", false);
	assert_true(host_may_be_name("a b", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test), cmocka_unit_test(names)};

	return suite_run_offline("host", tests, suite_length(tests));
}
