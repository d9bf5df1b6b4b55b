/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Without --store tickets are kept where the XDG Base Directory Specification wants state: below
 * XDG_STATE_HOME, else below HOME; where neither names a place, nowhere, and nobody complains. In
 * another user's they are not kept. */
#include "command/scene.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/suite.h"

/* The environment of a run: assignments with the scene's directory. */
struct places {
	char state[96];
	char home[96];
};

static void visit(struct scene *scene, const char *const *environment, bool *ret_resumed)
{
	struct outcome outcome;

	run_command_in(&outcome, "hello", environment,
		RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--report=none",
			"127.0.0.1", scene->port.text));
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	*ret_resumed = early_server_heard(&scene->peer).resumed;
}

/* Where is it kept? @below is a path in the scene's directory, or NULL for nowhere. */
static void assert_kept(const char *state, const char *home, const char *below)
{
	struct places places = {.state = "XDG_STATE_HOME", .home = "HOME"};
	const char *const environment[] = {places.state, places.home, NULL};
	char path[128];
	struct stat status;
	struct scene scene;
	bool resumed;

	scene_begin(&scene, &scene_turn, 1);
	if (state != NULL)
		(void)snprintf(places.state, sizeof(places.state), "XDG_STATE_HOME=%s%s",
			state[0] == '/' ? scene.store : "", state);
	if (home != NULL)
		(void)snprintf(places.home, sizeof(places.home), "HOME=%s%s",
			home[0] == '/' ? scene.store : "", home);
	visit(&scene, environment, &resumed);
	assert_false(resumed);
	visit(&scene, environment, &resumed);
	assert_true(resumed == (below != NULL));
	/* Nothing else was made there. */
	if (below == NULL) {
		assert_int_equal(rmdir(scene.store), 0);
		assert_int_equal(mkdir(scene.store, 0700), 0);
	} else {
		(void)snprintf(path, sizeof(path), "%s/%s", scene.store, below);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode, S_IFDIR | 0700);
	}
	scene_end(&scene);
}

static void below_xdg_state_home(void **state)
{
	(void)state;
	assert_kept("/", NULL, "tlsfo");
	assert_kept("/not/yet/there", "/home", "not/yet/there/tlsfo");
}

static void else_below_home(void **state)
{
	(void)state;
	assert_kept(NULL, "/home", "home/.local/state/tlsfo");
	assert_kept("", "/home", "home/.local/state/tlsfo");
	assert_kept("relative", "/home", "home/.local/state/tlsfo");
}

static void else_nowhere(void **state)
{
	(void)state;
	assert_kept(NULL, NULL, NULL);
	assert_kept("", "relative", NULL);
}

/* As root's HOME is after sudo -E: what root made there would be in that user's way. */
static void never_in_the_home_of_another(void **state)
{
	char home[128];
	const char *const environment[] = {"XDG_STATE_HOME", home, NULL};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	(void)snprintf(home, sizeof(home), "HOME=%s/not/yet", scene.store);
	if (chown(scene.store, 65534, 65534) == 0) {
		run_command_in(&outcome, "hello", environment,
			RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--report=none",
				"127.0.0.1", scene.port.text));
		assert_contains(outcome.err, "warning: no tickets are kept: ");
		assert_contains(outcome.err, "/not/yet belongs to another user; use --store");
		assert_string_equal(outcome.out, "hello");
		assert_int_equal(outcome.status, 0);
		run_command_in(&outcome, "", environment, RUN_ARGS("store", "list"));
		assert_contains(outcome.err, "/not/yet belongs to another user, use --store");
		assert_int_equal(outcome.status, 2);
		assert_int_equal(rmdir(scene.store), 0);
		assert_int_equal(mkdir(scene.store, 0700), 0);
	} else {
		print_message("# not asked: there is no other user here\n");
	}
	scene_end(&scene);
}

/* To be told where is better than to be told nothing. */
static void a_command_on_no_store_is_wrong(void **state)
{
	static const char *const environment[] = {"XDG_STATE_HOME", "HOME", NULL};
	struct outcome outcome;

	(void)state;
	run_command_in(&outcome, "", environment, RUN_ARGS("store", "list"));
	assert_int_equal(outcome.status, 2);
	assert_contains(outcome.err, "use --store");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_xdg_state_home),
		cmocka_unit_test(else_below_home),
		cmocka_unit_test(else_nowhere),
		cmocka_unit_test(never_in_the_home_of_another),
		cmocka_unit_test(a_command_on_no_store_is_wrong),
	};

	return suite_run("store_default_place", tests, suite_length(tests));
}
