/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* client/name: hosts as people write them. */

#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "client/name.h"
#include "support/suite.h"

static void normal_is(const char *host, const char *expected)
{
	size_t len = 0;
	const char *name = name_normalize(host, &len);

	assert_int_equal(len, strlen(expected));
	assert_memory_equal(name, expected, len);
}

static void normalizes(void **state)
{
	(void)state;
	normal_is("example.org", "example.org");
	normal_is("example.org.", "example.org");
	normal_is("[fe80::1%eth0]", "fe80::1");
	normal_is("fe80::1%eth0", "fe80::1");
	normal_is("[::1]", "::1");
	normal_is(".", ".");
}

static void ascii_is(const char *host, const char *expected)
{
	struct storage heap = {0};
	char *ascii = NULL;

	assert_int_equal(name_to_ascii(&heap, host, &ascii), 0);
	assert_string_equal(ascii, expected);
	free(ascii);
}

static void ascii_is_refused(const char *host)
{
	struct storage heap = {0};
	char *ascii = NULL;

	assert_true(name_to_ascii(&heap, host, &ascii) < 0);
	assert_null(ascii);
}

static void converts(void **state)
{
	(void)state;
	ascii_is("b\xc3\xbc\x63her.example", "xn--bcher-kva.example");
	ascii_is("B\xc3\x9c\x43HER.Example.", "xn--bcher-kva.example.");
	ascii_is("www.\xe4\xbe\x8b\xe5\xad\x90.test", "www.xn--fsqu00a.test");
	/* An ideographic full stop. */
	ascii_is("b\xc3\xbc\x63her\xe3\x80\x82test", "xn--bcher-kva.test");
	/* What is ASCII is nobody's business. */
	ascii_is("Example.org", "Example.org");
	ascii_is("_dns.a_b.test", "_dns.a_b.test");
	ascii_is("[fe80::1%eth0]", "[fe80::1%eth0]");
	ascii_is("", "");
}

static void refuses(void **state)
{
	(void)state;
	ascii_is_refused("b\xff\x63her.example"); /* no UTF-8 */
	ascii_is_refused("b\xc3");
	ascii_is_refused("\xe2\x80\x8d.example"); /* a joiner that joins nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalizes),
		cmocka_unit_test(converts),
		cmocka_unit_test(refuses),
	};

	return suite_run_offline("name", tests, suite_length(tests));
}
