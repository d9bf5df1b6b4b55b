/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* client/name takes hosts as people write them. */

#include <stdlib.h>

#include "client/name.h"
#include "support/suite.h"

static void normal_is(const char *host, const char *expected)
{
	char *name = name_to_verify(host);

	assert_string_equal(name, expected);
	free(name);
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
	struct text why;

	text_init(&why, NULL, 0);
	char *ascii = name_to_ascii(host, &why);
	assert_string_equal(ascii, expected);
	assert_int_equal(why.len, 0);
	free(ascii);
}

/* And is told why, with @part in it. */
static void ascii_is_refused(const char *host, const char *part)
{
	char buf[512];
	struct text why;

	text_init(&why, buf, sizeof(buf));
	assert_null(name_to_ascii(host, &why));
	if (strstr(buf, part) == NULL)
		fail_msg("\"%s\" is refused because %s, which lacks %s", host, buf, part);
}

#define DIGITS_60 "012345678901234567890123456789012345678901234567890123456789"

static void converts(void **state)
{
	(void)state;
	ascii_is("b\xc3\xbc\x63her.example", "xn--bcher-kva.example");
	ascii_is("www.\xe4\xbe\x8b\xe5\xad\x90.test", "www.xn--fsqu00a.test");
	/* Other labels stay as they are. */
	ascii_is("B\xc3\x9c\x43HER.Example.", "xn--bcher-kva.Example.");
	ascii_is("my_host.m\xc3\xbcnchen.zz", "my_host.xn--mnchen-3ya.zz");
	ascii_is("xn--a.\xc3\xbc", "xn--a.xn--tda");
	/* The full stops of RFC 3490 §3.1. */
	ascii_is("b\xc3\xbc\x63her\xe3\x80\x82test", "xn--bcher-kva.test");
	ascii_is("a\xef\xbc\x8e"
		 "b\xef\xbd\xa1",
		"a.b.");
	ascii_is("Example.org", "Example.org");
	ascii_is("_dns.a_b.test", "_dns.a_b.test");
	ascii_is("[fe80::1%eth0]", "[fe80::1%eth0]");
	ascii_is("::ffff:192.0.2.1", "::ffff:192.0.2.1");
	ascii_is(DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "a.",
		DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "a.");
}

static void refuses(void **state)
{
	(void)state;
	ascii_is_refused("b\xff\x63her.example", "\"b\xff\x63her\" cannot"); /* no UTF-8 */
	ascii_is_refused("b\xc3", "not UTF-8");
	ascii_is_refused("\xe2\x80\x8d.example", "RFC 5891"); /* a joiner that joins nothing */
	ascii_is_refused("-\xc3\xbc", "RFC 5891");
	ascii_is_refused("\xc3\xbc" DIGITS_60, "too long");
	ascii_is_refused(DIGITS_60 "abcd.test", "64 bytes");
	ascii_is_refused(DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "abc." DIGITS_60 "ab", "254");
	ascii_is_refused("", "empty");
	ascii_is_refused("[]", "empty");
	ascii_is_refused("[.]", "empty");
	ascii_is_refused(".", "empty");
	ascii_is_refused("a..b", "0 bytes");
	ascii_is_refused(".\xc3\xbc", "0 bytes");
	ascii_is_refused("\xc3\xbc\xe3\x80\x82\xe3\x80\x82", "0 bytes");
	ascii_is_refused("a b", "a blank");
	ascii_is_refused("a\n", "a control");
	ascii_is_refused("a\x7f.\xc3\xbc", "a control");
}

/* What the conversion would leave out, or turn into something else. */
static void changes_no_host(void **state)
{
	(void)state;
	ascii_is_refused("my_m\xc3\xbcnchen.zz", "\"_\" is not");
	ascii_is_refused("*\xc3\xbc.zz", "\"*\"");
	ascii_is_refused("[b\xc3\xbc\x63her.example]", "\"[\"");
	ascii_is_refused("\xc3\xbc:443", "\":\"");
	ascii_is_refused("\xc3\xbc/x", "URL, of which the host alone is wanted: \"\xc3\xbc\"");
	ascii_is_refused("\xc3\xbc x", "a blank");
	ascii_is_refused("\xc3\xbc\xc2\xa0x", "\"\xc2\xa0\"");	      /* a no-break space */
	ascii_is_refused("\xc3\xbc\xe2\x80\x8b", "\"\xe2\x80\x8b\""); /* a zero width space */
	ascii_is_refused("\xc3\xbc\xc2\xad", "\"\xc2\xad\"");	      /* a soft hyphen */
	ascii_is_refused("\xe2\x84\x80\xc3\xbc", "\"\xe2\x84\x80\""); /* "a/c" in one */
	ascii_is_refused("\xc3\xbc\xef\xbc\x85", "\"\xef\xbc\x85\""); /* a wide "%" */
	ascii_is_refused("a\xe2\x80\xa4"
			 "b",
		"\"a\xe2\x80\xa4"
		"b\""); /* a leader of one dot */
	ascii_is_refused("\xef\xbd\x85xample", "would become \"example\"");
	ascii_is_refused("\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", "would become \"127\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalizes),
		cmocka_unit_test(converts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(changes_no_host),
	};

	return suite_run_offline("name", tests, suite_length(tests));
}
