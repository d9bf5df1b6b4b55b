/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Programs started on a side get what they are given, end as they end, and nothing of them is left.
 */

#include "lab_test.h"

#include "poll_until.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state)
{
	*state = lab_new_or_exit(NULL);
	return 0;
}

static int tear_down(void **state)
{
	lab_free(*state);
	return 0;
}

/* Starts "sh -c SCRIPT" on the client with standard output in a pipe. */
static pid_t start_shell(struct lab *lab, const char *script, int *ret_output)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	int output[2];
	pid_t pid = -1;

	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	assert_int_equal(lab_spawn(lab, LAB_CLIENT, argv, -1, output[1], 2, &pid), 0);
	close(output[1]);
	*ret_output = output[0];
	return pid;
}

static int wait_status(struct lab *lab, pid_t pid)
{
	int status = -1;

	assert_int_equal(lab_wait(lab, pid, lab_deadline(TEST_PATIENCE_MS), &status), 0);
	return status;
}

/* Reads until the text stands in the buffer; a program says "ready" that way. */
static void read_text(int fd, const char *expected)
{
	char text[256] = "";
	size_t used = 0;

	while (!strstr(text, expected)) {
		ssize_t length;

		test_poll(fd, POLLIN);
		length = read(fd, text + used, sizeof(text) - 1 - used);
		assert_true(length > 0);
		used += (size_t)length;
	}
}

/* True once every copy of the pipe's other end is closed: those who held it are gone. */
static void assert_closed(int fd)
{
	char text[256];

	do {
		test_poll(fd, POLLIN);
	} while (read(fd, text, sizeof(text)) > 0);
	close(fd);
}

static void status_is_the_programs(void **state)
{
	struct lab *lab = *state;
	int output;
	int status;

	status = wait_status(lab, start_shell(lab, "exit 7", &output));
	assert_true(WIFEXITED(status));
	assert_int_equal(lab_exit_status(status), 7);
	close(output);

	status = wait_status(lab, start_shell(lab, "kill -USR1 $$", &output));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(lab_exit_status(status), 128 + SIGUSR1);
	close(output);
}

static void program_that_is_not_there(void **state)
{
	static const char *const nothing[] = {"/no/such/program", NULL};
	static const char *const directory[] = {"/tmp", NULL};
	struct lab *lab = *state;
	pid_t pid = -1;

	assert_int_equal(lab_spawn(lab, LAB_CLIENT, nothing, -1, -1, -1, &pid), -ENOENT);
	assert_int_equal(lab_spawn(lab, LAB_CLIENT, directory, -1, -1, -1, &pid), -EACCES);
	assert_int_equal(pid, -1);
	assert_int_equal(lab_wait(lab, 1, 0, NULL), -ECHILD);
	assert_int_equal(lab_kill(lab, 1, SIGTERM), -ECHILD);
	assert_int_equal(lab_pidfd(lab, 1), -ECHILD);
	lab_stop(lab, 1);
}

static void program_has_three_descriptors(void **state)
{
	struct lab *lab = *state;
	int without_cloexec = dup(2);
	int output;
	pid_t pid;

	assert_true(without_cloexec >= 0);
	pid = start_shell(lab, "ls /proc/self/fd | wc -l", &output);
	/* 0, 1, 2 and the directory that ls reads. */
	read_text(output, "4");
	assert_int_equal(lab_exit_status(wait_status(lab, pid)), 0);
	close(output);
	close(without_cloexec);
}

static void descriptors_may_be_in_any_order(void **state)
{
	static const char *const argv[] = {"sh", "-c", "cat; echo error >&2", NULL};
	struct lab *lab = *state;
	int input[2];
	int output[2];
	int error[2];
	pid_t pid;

	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	assert_int_equal(pipe2(error, O_CLOEXEC), 0);
	assert_int_equal(lab_spawn(lab, LAB_SERVER, argv, input[0], output[1], error[1], &pid), 0);
	close(input[0]);
	close(output[1]);
	close(error[1]);
	assert_int_equal(write(input[1], "through\n", 8), 8);

	/* Nobody else holds the pipe: cat sees its end. */
	close(input[1]);
	read_text(output[0], "through\n");
	read_text(error[0], "error\n");
	assert_int_equal(wait_status(lab, pid), 0);
	close(output[0]);
	close(error[0]);
}

static void signal_reaches_the_program(void **state)
{
	struct lab *lab = *state;
	int output;
	pid_t pid = start_shell(lab,
		"trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.01; done",
		&output);

	read_text(output, "ready");
	assert_int_equal(lab_wait(lab, pid, 0, NULL), -ETIMEDOUT);
	assert_int_equal(lab_kill(lab, pid, SIGTERM), 0);
	read_text(output, "caught");
	assert_int_equal(lab_exit_status(wait_status(lab, pid)), 3);
	close(output);
}

static void pidfd_tells_the_end(void **state)
{
	struct lab *lab = *state;
	int output;
	pid_t pid = start_shell(lab, "exec sleep 1000", &output);
	int fd = lab_pidfd(lab, pid);

	assert_true(fd >= 0);
	assert_int_equal(lab_kill(lab, pid, SIGKILL), 0);
	test_poll(fd, POLLIN);
	assert_true(WIFSIGNALED(wait_status(lab, pid)));
	close(output);
}

/* A daemon in a session of its own that ignores what can be ignored. */
static const char daemons[] = "setsid sh -c 'trap \"\" HUP TERM INT; echo daemon; sleep 1000' & "
			      "echo ready; ";

static void what_a_program_started_ends_with_it(void **state)
{
	struct lab *lab = *state;
	int output;
	pid_t pid = start_shell(lab, "setsid sleep 1000 & echo ready", &output);

	read_text(output, "ready");
	assert_int_equal(lab_exit_status(wait_status(lab, pid)), 0);
	assert_closed(output);
}

static void stop_ends_the_whole_tree(void **state)
{
	struct lab *lab = *state;
	char script[256];
	int output;
	pid_t pid;

	snprintf(script, sizeof(script), "%s wait", daemons);
	pid = start_shell(lab, script, &output);
	read_text(output, "daemon");
	lab_stop(lab, pid);
	assert_closed(output);
	assert_int_equal(lab_wait(lab, pid, 0, NULL), -ECHILD);
}

static void free_ends_what_runs(void **state)
{
	char script[256];
	int output;

	snprintf(script, sizeof(script), "%s wait", daemons);
	start_shell(*state, script, &output);
	read_text(output, "daemon");
	lab_free(*state);
	*state = NULL;
	assert_closed(output);
}

/*
 * A process that makes a lab with a program, says so and is killed without any chance to tidy up.
 */
static void death_of_the_lab_ends_what_runs(void **state)
{
	int output[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		const char *const argv[] = {
			"sh", "-c", "setsid sleep 1000 & echo daemon; sleep 1000", NULL};
		struct lab *lab = lab_new_or_exit(NULL);
		pid_t program;

		if (lab_spawn(lab, LAB_CLIENT, argv, -1, output[1], -1, &program) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(output[1]);
	read_text(output[0], "daemon");
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_closed(output[0]);
}

/* The caller's way with SIGCHLD and its signal mask are its own affair. */
static void ignored_sigchld_does_no_harm(void **state)
{
	struct lab *lab = *state;
	void (*before)(int) = signal(SIGCHLD, SIG_IGN);
	sigset_t all;
	sigset_t kept;
	int output;
	int status;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &kept);
	status = wait_status(lab, start_shell(lab, "exit 9", &output));
	sigprocmask(SIG_SETMASK, &kept, NULL);
	signal(SIGCHLD, before);
	assert_int_equal(lab_exit_status(status), 9);
	close(output);
}

static void program_talks_over_the_wire(void **state)
{
	static const char *const argv[] = {"bash", "-c",
		"exec 3<>/dev/tcp/server4.test/4433; "
		"echo hello >&3; cat <&3",
		NULL};
	struct lab *lab = *state;
	int listener = test_listener(lab, AF_INET);
	int server;
	pid_t pid;

	assert_int_equal(lab_spawn(lab, LAB_CLIENT, argv, -1, -1, 2, &pid), 0);
	server = test_accept(listener);
	test_read(server, "hello\n", 6);
	close(server);
	assert_int_equal(wait_status(lab, pid), 0);
	assert_int_equal(lab_trace_connections(lab), 1);
	close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_is_the_programs),
		TEST(program_that_is_not_there),
		TEST(program_has_three_descriptors),
		TEST(descriptors_may_be_in_any_order),
		TEST(signal_reaches_the_program),
		TEST(pidfd_tells_the_end),
		TEST(what_a_program_started_ends_with_it),
		TEST(stop_ends_the_whole_tree),
		TEST(free_ends_what_runs),
		cmocka_unit_test(death_of_the_lab_ends_what_runs),
		TEST(ignored_sigchld_does_no_harm),
		TEST(program_talks_over_the_wire),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
