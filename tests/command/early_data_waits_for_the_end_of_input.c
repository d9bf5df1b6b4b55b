/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With --early-data standard input is read to its end before connecting, however long that takes: the
 * deadline begins then, and the end of a terminal's input is asked for but once. */
#include "command/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/suite.h"

#define ARGUMENTS(scene)                                                                           \
	"connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--store", (scene)->store,               \
		"--early-data", "--timeout", "2", "127.0.0.1", (scene)->port.text

static void the_deadline_begins_afterwards(void **state)
{
	struct early_heard heard;
	struct scene scene;
	struct run run;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(ARGUMENTS(&scene)));
	run_send(&run, "one ", 4);
	/* Nothing comes of it for longer than the deadline. */
	assert_int_equal(
		poll(&(struct pollfd){.fd = scene.peer.test, .events = POLLIN}, 1, 2500), 0);
	run_send(&run, "two", 3);
	run_end_input(&run);
	run_expect_output(&run, "one two", 7);
	if (run_wait(&run) != 0)
		fail_msg("%s", run.errors);
	heard = early_server_heard(&scene.peer);
	assert_int_equal(heard.later, 7);
	scene_end(&scene);
}

/* A description that is shared with others may be non-blocking. */
static void a_nonblocking_input_is_waited_for(void **state)
{
	struct scene scene;
	struct run run;
	int ends[2];

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	run_start(&run, ends[0], RUN_PIPE, RUN_ARGS(ARGUMENTS(&scene)));
	close(ends[0]);
	assert_int_equal(
		poll(&(struct pollfd){.fd = scene.peer.test, .events = POLLIN}, 1, 200), 0);
	assert_int_equal(write(ends[1], "late", 4), 4);
	close(ends[1]);
	run_expect_output(&run, "late", 4);
	if (run_wait(&run) != 0)
		fail_msg("%s", run.errors);
	(void)early_server_heard(&scene.peer);
	scene_end(&scene);
}

static void a_terminal_ends_once(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct scene scene;
	struct run run;
	int terminal;

	(void)state;
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(terminal >= 0);
	scene_begin(&scene, &scene_turn, 1);
	run_start(&run, terminal, RUN_PIPE, RUN_ARGS(ARGUMENTS(&scene)));
	/* A line, and end of file. */
	assert_int_equal(write(master, "typed\n\004", 7), 7);
	run_expect_output(&run, "typed\n", 6);
	if (run_wait(&run) != 0)
		fail_msg("%s", run.errors);
	(void)early_server_heard(&scene.peer);
	scene_end(&scene);
	close(terminal);
	close(master);
}

static void an_input_that_cannot_be_read_is_1(void **state)
{
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct run run;

	(void)state;
	assert_true(directory >= 0);
	run_start(&run, directory, RUN_PIPE, RUN_ARGS("connect", "--early-data", "127.0.0.1", "1"));
	close(directory);
	assert_int_equal(run_wait(&run), 1);
	assert_string_equal(run.errors, "tlsfo: standard input: Is a directory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deadline_begins_afterwards),
		cmocka_unit_test(a_nonblocking_input_is_waited_for),
		cmocka_unit_test(a_terminal_ends_once),
		cmocka_unit_test(an_input_that_cannot_be_read_is_1),
	};

	return suite_run("early_data_waits_for_the_end_of_input", tests, suite_length(tests));
}
