/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arguments of "tlsfo connect" become what they mean, and wrong ones are named. */
#include "options.h"

#include <sys/socket.h>

#include "support/suite.h"

#define ARGUMENTS_MAX 40

/* Parses the arguments given, which end with NULL. */
static enum options_wish parse(struct connect_options *options, const char *const *args)
{
	static char texts[ARGUMENTS_MAX][2560];
	char *argv[ARGUMENTS_MAX + 1] = {texts[0]};
	int argc = 1;

	(void)strcpy(texts[0], "connect");
	for (; args[argc - 1] != NULL; argc++) {
		assert_true(argc < ARGUMENTS_MAX);
		(void)snprintf(texts[argc], sizeof(texts[argc]), "%s", args[argc - 1]);
		argv[argc] = texts[argc];
	}
	return connect_options_parse(options, argc, argv);
}

/* The same for "tlsfo probe", which takes the same operands but for the port. */
static void probing_takes_a_host_alone(void **state)
{
	char words[4][16] = {"probe", "--json", "www.example", "853"};
	char *argv[] = {words[0], words[1], words[2], words[3], NULL};
	struct connect_options options;

	(void)state;
	assert_int_equal(probe_options_parse(&options, 4, argv), OPTIONS_CONNECT);
	assert_string_equal(options.port, "853");
	assert_true(options.json);
	argv[1] = words[2];
	argv[2] = NULL;
	assert_int_equal(probe_options_parse(&options, 2, argv), OPTIONS_CONNECT);
	assert_string_equal(options.host, "www.example");
	assert_string_equal(options.port, "443");
	assert_false(options.json);
	assert_int_equal(options.timeout_ms, 10000);
}

#define PARSE(options, ...) parse(options, (const char *const[]){__VA_ARGS__, NULL})

static void assert_wrong(const char *part, const char *const *args)
{
	struct connect_options options;

	assert_int_equal(parse(&options, args), OPTIONS_WRONG);
	if (strstr(options.error, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, options.error);
}

#define ASSERT_WRONG(part, ...) assert_wrong(part, (const char *const[]){__VA_ARGS__, NULL})

static void host_and_port_alone_get_the_defaults(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "www.example", "443"), OPTIONS_CONNECT);
	assert_string_equal(options.host, "www.example");
	assert_string_equal(options.port, "443");
	assert_null(options.cafile);
	assert_null(options.servername);
	assert_null(options.priority);
	assert_null(options.cert);
	assert_null(options.key);
	assert_null(options.bind);
	assert_null(options.report_file);
	assert_false(options.insecure);
	assert_int_equal(options.pin_count, 0);
	assert_int_equal(options.family, AF_UNSPEC);
	assert_int_equal(options.fast_open, TLSFO_USE_FAST_OPEN_AUTO);
	assert_int_equal(options.alpn_count, 0);
	assert_int_equal(options.timeout_ms, 30000);
	assert_int_equal(options.idle_timeout_ms, -1);
	assert_false(options.half_close);
	assert_int_equal(options.report, REPORT_LINE);
	assert_null(options.store);
	assert_false(options.no_store);
	assert_false(options.early_data);
}

static void every_option_is_taken(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(
		PARSE(&options, "--cafile", "ca", "--servername", "name", "--pin", "one", "--pin",
			"two", "--insecure", "--alpn", "h2,http/1.1", "--priority", "NORMAL",
			"--cert", "cert", "--key", "key", "--key-password=pass", "-6", "--bind",
			"::1", "--timeout", "1.5", "--idle-timeout", "2", "--half-close",
			"--fast-open=always", "--report=json", "--report-file", "file", "--store",
			"store", "--early-data", "host", "https"),
		OPTIONS_CONNECT);
	assert_string_equal(options.cafile, "ca");
	assert_string_equal(options.store, "store");
	assert_true(options.early_data);
	assert_string_equal(options.servername, "name");
	assert_true(options.insecure);
	assert_int_equal(options.pin_count, 2);
	assert_string_equal(options.pins[1], "two");
	assert_int_equal(options.alpn_count, 2);
	assert_string_equal(options.alpn[0], "h2");
	assert_string_equal(options.alpn[1], "http/1.1");
	assert_string_equal(options.priority, "NORMAL");
	assert_string_equal(options.cert, "cert");
	assert_string_equal(options.key, "key");
	assert_string_equal(options.key_password, "pass");
	assert_int_equal(options.family, AF_INET6);
	assert_string_equal(options.bind, "::1");
	assert_int_equal(options.timeout_ms, 1500);
	assert_int_equal(options.idle_timeout_ms, 2000);
	assert_true(options.half_close);
	assert_int_equal(options.fast_open, TLSFO_USE_FAST_OPEN_ALWAYS);
	assert_int_equal(options.report, REPORT_JSON);
	assert_string_equal(options.report_file, "file");
	assert_string_equal(options.host, "host");
	assert_string_equal(options.port, "https");
}

static void options_may_follow_the_operands(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "host", "-4", "443", "--insecure"), OPTIONS_CONNECT);
	assert_int_equal(options.family, AF_INET);
	assert_true(options.insecure);
	assert_string_equal(options.port, "443");
	assert_int_equal(PARSE(&options, "--", "-host", "443"), OPTIONS_CONNECT);
	assert_string_equal(options.host, "-host");
}

static void help_and_version_need_no_operands(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--help"), OPTIONS_HELP);
	assert_int_equal(PARSE(&options, "--version"), OPTIONS_VERSION);
}

static void words_are_all_known(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(
		PARSE(&options, "--fast-open=auto", "--report=line", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.fast_open, TLSFO_USE_FAST_OPEN_AUTO);
	assert_int_equal(options.report, REPORT_LINE);
	assert_int_equal(
		PARSE(&options, "--fast-open=never", "--report=text", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.fast_open, TLSFO_USE_FAST_OPEN_NEVER);
	assert_int_equal(options.report, REPORT_TEXT);
	assert_int_equal(PARSE(&options, "--report=none", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.report, REPORT_NONE);
}

static void wrong_words_are_named_with_the_right_ones(void **state)
{
	(void)state;
	ASSERT_WRONG(
		"--fast-open: 'yes' is none of auto, always, never", "--fast-open=yes", "h", "1");
	ASSERT_WRONG("--report: '' is none of line, text, json, none", "--report=", "h", "1");
}

static void seconds_are_decimal(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"1", 1000}, {"0.5", 500}, {".25", 250}, {"3.", 3000}, {"0.0001", 1},
		{"1.0009", 1001}, {"007", 7000}, {"999999999", INT64_C(999999999000)},
		{"0.12345678901234567890", 124}};
	static const char *const bad[] = {"", ".", "abc", "1s", "-1", "+1", "1e3", "0x10", "inf",
		"nan", "1,5", " 1", "1 ", "0", "0.000", "1000000000", "99999999999999999999999"};
	struct connect_options options;

	(void)state;
	for (size_t i = 0; i < suite_length(good); i++) {
		assert_int_equal(
			PARSE(&options, "--timeout", good[i].text, "h", "1"), OPTIONS_CONNECT);
		assert_int_equal(options.timeout_ms, good[i].ms);
		assert_int_equal(
			PARSE(&options, "--idle-timeout", good[i].text, "h", "1"), OPTIONS_CONNECT);
		assert_int_equal(options.idle_timeout_ms, good[i].ms);
	}
	for (size_t i = 0; i < suite_length(bad); i++) {
		ASSERT_WRONG("--timeout: '", "--timeout", bad[i], "h", "1");
		ASSERT_WRONG(bad[i], "--timeout", bad[i], "h", "1");
		ASSERT_WRONG("--idle-timeout: '", "--idle-timeout", bad[i], "h", "1");
	}
}

static void alpn_lists_are_split(void **state)
{
	char name[258];
	struct connect_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "--alpn", "a,b,c,d,e,f,g,h", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.alpn_count, 8);
	assert_string_equal(options.alpn[7], "h");
	memset(name, 'x', 255);
	name[255] = '\0';
	assert_int_equal(PARSE(&options, "--alpn", name, "h", "1"), OPTIONS_CONNECT);
	assert_string_equal(options.alpn[0], name);

	(void)strcpy(name + 255, "x");
	ASSERT_WRONG("longer than 255 bytes", "--alpn", name, "h", "1");
	ASSERT_WRONG("--alpn: 'a,,b' has an empty name", "--alpn", "a,,b", "h", "1");
	ASSERT_WRONG("has an empty name", "--alpn", "", "h", "1");
	ASSERT_WRONG("has an empty name", "--alpn", "a,", "h", "1");
	ASSERT_WRONG("more than 8 names", "--alpn", "a,b,c,d,e,f,g,h,i", "h", "1");
}

static void the_longest_alpn_list_fits(void **state)
{
	char list[8 * 256];
	char longer[8 * 256 + 1];
	struct connect_options options;

	(void)state;
	memset(list, 'x', sizeof(list));
	for (size_t i = 255; i < sizeof(list); i += 256)
		list[i] = ',';
	list[sizeof(list) - 1] = '\0';
	assert_int_equal(PARSE(&options, "--alpn", list, "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.alpn_count, 8);

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ASSERT_WRONG("--alpn: the list is too long", "--alpn", longer, "h", "1");
}

static void a_later_alpn_list_replaces_an_earlier(void **state)
{
	struct connect_options options;

	(void)state;
	assert_int_equal(
		PARSE(&options, "--alpn", "a,b", "--alpn", "c", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(options.alpn_count, 1);
	assert_string_equal(options.alpn[0], "c");
}

static void options_that_exclude_each_other_are_refused(void **state)
{
	struct connect_options options;

	(void)state;
	ASSERT_WRONG("-4 and -6", "-4", "-6", "h", "1");
	ASSERT_WRONG("-4 and -6", "-64", "h", "1");
	assert_int_equal(PARSE(&options, "-4", "-4", "h", "1"), OPTIONS_CONNECT);
	ASSERT_WRONG("--bind '::1' is not an address of the family that -4 asks for", "-4",
		"--bind", "::1", "h", "1");
	ASSERT_WRONG("--bind '127.0.0.1' is not an address of the family that -6 asks for",
		"--bind", "127.0.0.1", "-6", "h", "1");
	assert_int_equal(PARSE(&options, "--bind", "::1", "-6", "h", "1"), OPTIONS_CONNECT);
	assert_int_equal(PARSE(&options, "--bind", "127.0.0.1", "-4", "h", "1"), OPTIONS_CONNECT);
}

static void cert_and_key_come_together(void **state)
{
	(void)state;
	ASSERT_WRONG("--cert 'c.pem' needs --key", "--cert", "c.pem", "h", "1");
	ASSERT_WRONG("--key 'k.pem' needs --cert", "--key", "k.pem", "h", "1");
}

static void ports_are_in_range_or_names(void **state)
{
	static const char *const bad[] = {"0", "65536", "00000000000", "99999999999999999999", ""};
	struct connect_options options;

	(void)state;
	assert_int_equal(PARSE(&options, "h", "65535"), OPTIONS_CONNECT);
	assert_int_equal(PARSE(&options, "h", "imaps"), OPTIONS_CONNECT);
	for (size_t i = 0; i < suite_length(bad); i++)
		ASSERT_WRONG("is not in the range 1 to 65535", "h", bad[i]);
}

static void operands_are_two(void **state)
{
	(void)state;
	ASSERT_WRONG("HOST and PORT are missing", "--insecure");
	ASSERT_WRONG("PORT is missing after HOST 'h'", "h");
	ASSERT_WRONG("unexpected argument 'more'", "h", "1", "more");
	ASSERT_WRONG("HOST is empty", "", "1");
	ASSERT_WRONG("--report-file: the name is empty", "--report-file=", "h", "1");
}

static void options_that_do_not_exist_are_named(void **state)
{
	(void)state;
	ASSERT_WRONG("'--foo'", "--foo", "h", "1");
	ASSERT_WRONG("'--foo=bar'", "h", "--foo=bar", "1");
	ASSERT_WRONG("'-x'", "-x", "h", "1");
	ASSERT_WRONG("'-x'", "-4x", "h", "1");
	ASSERT_WRONG("'--re'", "--re", "h", "1");
	ASSERT_WRONG("'--insecure=yes' takes no value", "--insecure=yes", "h", "1");
	ASSERT_WRONG("'--timeout' needs a value", "h", "1", "--timeout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_and_port_alone_get_the_defaults),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(probing_takes_a_host_alone),
		cmocka_unit_test(options_may_follow_the_operands),
		cmocka_unit_test(help_and_version_need_no_operands),
		cmocka_unit_test(words_are_all_known),
		cmocka_unit_test(wrong_words_are_named_with_the_right_ones),
		cmocka_unit_test(seconds_are_decimal),
		cmocka_unit_test(alpn_lists_are_split),
		cmocka_unit_test(the_longest_alpn_list_fits),
		cmocka_unit_test(a_later_alpn_list_replaces_an_earlier),
		cmocka_unit_test(options_that_exclude_each_other_are_refused),
		cmocka_unit_test(cert_and_key_come_together),
		cmocka_unit_test(ports_are_in_range_or_names),
		cmocka_unit_test(operands_are_two),
		cmocka_unit_test(options_that_do_not_exist_are_named),
	};

	return suite_run_offline("options_are_parsed", tests, suite_length(tests));
}
