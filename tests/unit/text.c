/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/text keeps text in memory of fixed size, always terminated, and writes JSON strings. */

#include <jansson.h>

#include "base/text.h"
#include "support/suite.h"

static void adds_and_counts(void **state)
{
	char buf[16];
	struct text text;

	(void)state;
	text_init(&text, buf, sizeof(buf));
	assert_string_equal(buf, "");
	text_add(&text, "%d and ", 1);
	text_add(&text, "%s", "two");
	assert_string_equal(buf, "1 and two");
	assert_int_equal(text.len, 9);
}

static void cuts_and_goes_on_counting(void **state)
{
	char buf[8];
	struct text text;

	(void)state;
	for (size_t size = 0; size <= 6; size++) {
		memset(buf, '#', sizeof(buf));
		text_init(&text, buf, size);
		text_add(&text, "abc");
		text_add(&text, "def");
		assert_int_equal(text.len, 6);
		if (size > 0) {
			assert_int_equal(strlen(buf), size - 1);
			assert_memory_equal(buf, "abcdef", size - 1);
		}
		/* Not a byte beyond. */
		for (size_t i = size; i < sizeof(buf); i++)
			assert_int_equal(buf[i], '#');
	}
	text_init(&text, NULL, 0);
	text_add(&text, "abc");
	assert_int_equal(text.len, 3);
}

static void json_is(const char *string, const char *expected)
{
	char buf[256];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_add_json(&text, string);
	assert_string_equal(buf, expected);
}

static void escapes(void **state)
{
	(void)state;
	json_is("", "\"\"");
	json_is("plain", "\"plain\"");
	json_is("a \"b\" \\c", "\"a \\\"b\\\" \\\\c\"");
	json_is("\n\t\x1f\x7f", "\"\\u000a\\u0009\\u001f\\u007f\"");
	json_is("f\xc3\xbcr", "\"f\xc3\xbcr\"");
	json_is("\xf0\x9f\x90\xa7", "\"\xf0\x9f\x90\xa7\"");
}

static void what_is_no_utf8_is_latin1(void **state)
{
	(void)state;
	json_is("\xfc", "\"\\u00fc\"");
	json_is("a\xc3", "\"a\\u00c3\"");
	json_is("\xe2\x82", "\"\\u00e2\\u0082\"");
	/* Overlong, surrogate, beyond Unicode (RFC 3629 §3). */
	json_is("\xc0\xaf", "\"\\u00c0\\u00af\"");
	json_is("\xe0\x80\xaf", "\"\\u00e0\\u0080\\u00af\"");
	json_is("\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"");
	json_is("\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"");
}

/* Whatever three bytes a peer sends, jansson can read the result. */
static void is_json_always(void **state)
{
	static const unsigned char bytes[] = {1, '\n', '"', '\\', 'a', 0x7f, 0x80, 0x9f, 0xa0, 0xbf,
		0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
	const size_t n = sizeof(bytes);

	(void)state;
	for (size_t i = 0; i < n * n * n; i++) {
		char string[4] = {
			(char)bytes[i % n], (char)bytes[i / n % n], (char)bytes[i / n / n], '\0'};
		char buf[64];
		struct text text;

		text_init(&text, buf, sizeof(buf));
		text_add_json(&text, string);
		json_t *value = json_loads(buf, JSON_DECODE_ANY, NULL);
		assert_true(json_is_string(value));
		json_decref(value);
	}
}

static void printable_is(const char *string, const char *expected)
{
	char line[64];

	strcpy(line, string);
	text_make_printable(line);
	assert_string_equal(line, expected);
}

static void nothing_steers_a_terminal(void **state)
{
	(void)state;
	printable_is("", "");
	printable_is("a\nb\r\x1b[31m\x7f m\xc3\xbcller", "a?b??[31m? m\xc3\xbcller");
	/* CSI as a C1 control, in UTF-8 and as the bare byte. */
	printable_is("\xc2\x9b"
		     "31m\x9b"
		     "31m",
		"?\?31m?31m");
	printable_is("\xc2\xa0\xe2\x82\xac", "\xc2\xa0\xe2\x82\xac");
	/* Cut off in the middle of a character. */
	printable_is("\xe2\x82", "?\?");
	json_is("\xc2\x9b", "\"\\u009b\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_counts),
		cmocka_unit_test(cuts_and_goes_on_counting),
		cmocka_unit_test(escapes),
		cmocka_unit_test(what_is_no_utf8_is_latin1),
		cmocka_unit_test(is_json_always),
		cmocka_unit_test(nothing_steers_a_terminal),
	};

	return suite_run_offline("text", tests, suite_length(tests));
}
