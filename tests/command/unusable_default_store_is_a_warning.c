/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A default store that cannot be used costs one line of warning; connect and warm go on without. */
#include "command/scene.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/suite.h"

#define CA "--cafile", CERTS_DIR "/ca.pem"

static void assert_one_warning(const char *text, const char *part)
{
	assert_int_equal(strncmp(text, "tlsfo: warning: no tickets are kept: ", 37), 0);
	assert_contains(text, part);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* With the scene's directory below @state as XDG_STATE_HOME. */
static void assert_goes_on(struct scene *scene, const char *below, const char *part)
{
	char variable[128];
	const char *const environment[] = {variable, NULL};
	struct outcome outcome;

	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s%s", scene->store, below);
	run_command_in(&outcome, "hello", environment,
		RUN_ARGS("connect", "-N", CA, "--report=none", "127.0.0.1", scene->port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, "hello");
	assert_one_warning(outcome.err, part);
	(void)early_server_heard(&scene->peer);

	run_command_in(
		&outcome, "", environment, RUN_ARGS("warm", CA, "127.0.0.1", scene->port.text));
	assert_int_equal(outcome.status, 0);
	assert_contains(outcome.out, "cookie known, 2 tickets got, none kept, no early data\n");
	assert_one_warning(outcome.err, part);
	(void)early_server_heard(&scene->peer);
}

static void make_file(const struct scene *scene, const char *name)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", scene->store, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void a_file_in_its_place(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	make_file(&scene, "tlsfo");
	assert_goes_on(&scene, "", "/tlsfo: is not a directory");
	make_file(&scene, "file");
	assert_goes_on(&scene, "/file", "/file/tlsfo: ");
	scene_end(&scene);
}

static void a_directory_that_others_may_write(void **state)
{
	struct scene scene;
	char path[128];

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	(void)snprintf(path, sizeof(path), "%s/tlsfo", scene.store);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_goes_on(&scene, "", "/tlsfo: may be written by others");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_in_its_place),
		cmocka_unit_test(a_directory_that_others_may_write),
	};

	return suite_run("unusable_default_store_is_a_warning", tests, suite_length(tests));
}
