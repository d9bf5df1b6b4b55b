/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library that leads a program's connections to a proxy, as torsocks does, catches every visit, with fast open and
 * without. The address has no route: only what such a library catches can arrive.
 */

#include "command/scene.h"

#include <stdlib.h>

#include "support/suite.h"

#define NOWHERE "192.0.2.1"

/* The sanitizers' libraries want to be the first. */
static const char *const surroundings[] = {
	"LD_PRELOAD=" PROXY_WRAPPER, "ASAN_OPTIONS=verify_asan_link_order=0", NULL};

static void visit(const struct scene *scene, const char *fast_open)
{
	struct outcome outcome;
	char path[64];

	run_path(path);
	setenv("PROXY_PORT", scene->port.text, 1);
	run_command_in(&outcome, "question", surroundings,
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--servername", "localhost",
			"--half-close", "--store", scene->store, "--fast-open", fast_open,
			"--report-file", path, NOWHERE, scene->port.text));
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_string_equal(outcome.out, "question");

	json_t *report = run_json_file(path);
	assert_string_equal(run_json_string(report, "address"), NOWHERE);
	/* It was asked for, and the wrapper made something else of it. */
	assert_string_equal(run_json_string(report, "fast_open"),
		strcmp(fast_open, "never") == 0 ? "off" : "unavailable");
	json_decref(report);
	run_remove(path);
}

static void proxy_wrappers_catch_every_visit(void **state)
{
	const struct early_turn turns[] = {scene_turn, scene_turn, scene_turn};
	struct scene scene;

	(void)state;
	scene_begin(&scene, turns, suite_length(turns));
	visit(&scene, "auto");
	visit(&scene, "always");
	visit(&scene, "never");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(proxy_wrappers_catch_every_visit)};

	return suite_run("proxy_wrappers_catch_every_visit", tests, suite_length(tests));
}
