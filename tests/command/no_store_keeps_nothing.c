/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With --no-store nothing is kept and nothing used, neither by connect nor by warm; with --private no cookie,
 * either. */
#include "command/scene.h"

#include <unistd.h>

#include "support/suite.h"

#define CA "--cafile", CERTS_DIR "/ca.pem"

static void no_trace_is_left(void **state)
{
	char variable[128];
	const char *const environment[] = {variable, NULL};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s", scene.store);
	for (int i = 0; i < 2; i++) {
		run_command_in(&outcome, "hello", environment,
			RUN_ARGS("connect", "-N", CA, "--private", "127.0.0.1", scene.port.text));
		assert_int_equal(outcome.status, 0);
		assert_contains(outcome.err, "fast open off");
		assert_false(early_server_heard(&scene.peer).resumed);
		run_command_in(&outcome, "hello", environment,
			RUN_ARGS("connect", "-N", CA, "--no-store", "127.0.0.1", scene.port.text));
		assert_int_equal(outcome.status, 0);
		assert_false(early_server_heard(&scene.peer).resumed);
	}
	run_command_in(&outcome, "", environment,
		RUN_ARGS("warm", CA, "--no-store", "127.0.0.1", scene.port.text));
	assert_int_equal(outcome.status, 0);
	assert_contains(outcome.out, "cookie known, 2 tickets got, none kept, no early data\n");
	(void)early_server_heard(&scene.peer);
	/* Only an empty directory can be removed. */
	assert_int_equal(rmdir(scene.store), 0);
	run_directory(scene.store);
	scene_end(&scene);
}

static void what_is_there_is_not_used(void **state)
{
	char variable[128];
	const char *const environment[] = {variable, NULL};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s", scene.store);
	for (int i = 0; i < 2; i++) {
		run_command_in(&outcome, "hello", environment,
			RUN_ARGS("connect", "-N", CA, i == 0 ? "--fast-open=auto" : "--no-store",
				"127.0.0.1", scene.port.text));
		assert_int_equal(outcome.status, 0);
		assert_false(early_server_heard(&scene.peer).resumed);
	}
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_trace_is_left),
		cmocka_unit_test(what_is_there_is_not_used),
	};

	return suite_run("no_store_keeps_nothing", tests, suite_length(tests));
}
