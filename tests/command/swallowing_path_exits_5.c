/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a path that swallows what follows the SYN the command does not hang: it says so, exits with status 5, and
 * the next visit is plain. */
#include "command/probing.h"

#include <tlsfo/client.h>

enum { NOTICED_MS = 3000 };

#define REQUEST "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n"

static void visit(struct outcome *outcome, const char *store)
{
	run_command(outcome, REQUEST,
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--report=json", "--store",
			store, "server4.test", PROBING_PORT));
}

static void visit_well(const char *store, const char *fast_open)
{
	struct outcome outcome;

	visit(&outcome, store);
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_contains(outcome.out, "nginx was here\n");
	json_t *report = run_json(outcome.err);
	assert_string_equal(run_json_string(report, "fast_open"), fast_open);
	json_decref(report);
}

static void it_is_told_in_time_and_remembered(void **state)
{
	struct outcome outcome;
	char store[64];

	probing_begin_nginx(*state, "swallow-after-syn");
	run_directory(store);
	visit_well(store, "cookie-requested");
	int64_t begun = tlsfo_now();
	visit(&outcome, store);
	assert_true(tlsfo_now() - begun < NOTICED_MS);
	assert_int_equal(outcome.status, 5);
	assert_int_equal(outcome.length, 0);
	assert_contains(
		outcome.err, "server4.test: the path swallows what follows a fast-open SYN");
	visit_well(store, "off");
	run_remove_directory(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_in_time_and_remembered),
	};

	program_need("nginx");
	return probing_run("swallowing_path_exits_5", tests, suite_length(tests));
}
