/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Without a cookie "tlsfo probe" says so, and whose business that is: the server's, the path's, which from
 * here look the same, or this system's. */
#include "command/probing.h"

static void begin(struct probing *probing, int client, int server, const char *box)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;

	options.client_fastopen = client;
	options.server_fastopen = server;
	probing_begin(probing, &options);
	if (box != NULL)
		assert_true(lab_add_box(probing->lab, box) >= 0);
	probing_nginx(probing, "");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
}

static void expect_no_cookie(const struct probing *probing)
{
	const json_t *change = probing_change(probing, "fast-open");

	probing_expect_text(probing, "fast_open", "no-cookie");
	probing_expect_text(probing, "path", NULL);
	probing_expect_true(probing, "cookies.0.answered", true);
	probing_expect_true(probing, "cookies.0.known", false);
	probing_expect_text(probing, "visits.1.report.fast_open", "no-cookie-given");
	probing_expect_number(probing, "round_trips.cookie", 3);
	assert_non_null(change);
	assert_string_equal(run_json_string(change, "where"), "server");
	assert_contains(run_json_string(change, "text"), "fastopen=");
	assert_contains(run_json_string(change, "text"), "on the path");
}

static void the_server_takes_no_part(void **state)
{
	struct probing *probing = *state;

	begin(probing, 0x1, 0x1, NULL);
	expect_no_cookie(probing);
	probing_probe_text(probing, "server4.test");
	assert_contains(probing->outcome.out,
		"server4.test port 4433: no fast open, the server gives no cookie\n");
	assert_contains(probing->outcome.out, " SYN-ACK, no cookie ");
	assert_contains(probing->outcome.out, "\nWhat to change:\n  server    No cookie came.");
}

static void the_option_is_stripped(void **state)
{
	begin(*state, 0x1, 0x403, "strip-option");
	expect_no_cookie(*state);
}

static void fast_open_is_off_here(void **state)
{
	struct probing *probing = *state;
	const json_t *change;

	begin(probing, 0x2, 0x403, NULL);
	probing_expect_text(probing, "fast_open", "off-here");
	probing_expect_text(probing, "path", NULL);
	probing_expect_number(probing, "system.tcp_fastopen", 2);
	probing_expect_true(probing, "system.client", false);
	/* Nothing was asked, so nothing is said of the server. */
	assert_int_equal(json_array_size(probing_at(probing, "cookies")), 0);
	assert_null(probing_change(probing, "fast-open"));
	change = probing_change(probing, "sysctl");
	assert_non_null(change);
	assert_string_equal(run_json_string(change, "where"), "here");
	/* The other bits stay. */
	assert_string_equal(
		run_json_string(change, "command"), "sysctl -w net.ipv4.tcp_fastopen=3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_takes_no_part),
		cmocka_unit_test(the_option_is_stripped),
		cmocka_unit_test(fast_open_is_off_here),
	};

	program_need("nginx");
	return probing_run("probe_tells_who_gives_no_cookie", tests, suite_length(tests));
}
