/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The programs in examples/ fetch a page from nginx, and those that keep tickets send their request
 * inside the SYN as long as one is left.
 */

#include "course.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CA CERTS_DIR "/ca.pem"

/* The distance is long enough for nginx to close before the end of the handshake reaches it. */
enum { RTT_MS = 200, PATIENCE_MS = 20000, ARGUMENTS = 8, PATH_SIZE = 256, PAGE_SIZE = 16384 };

static const char host[] = "server4.test";

static int set_up(void **state)
{
	struct course *course = calloc(1, sizeof(*course));

	if (!course)
		return -1;
	*state = course;
	course_begin(course, server_find("nginx", "1.3"), RTT_MS);
	return 0;
}

static int tear_down(void **state)
{
	course_end(*state);
	free(*state);
	return 0;
}

/* Everything that a program wrote to the pipe, cut at what is wanted of a page. */
static size_t read_all(int fd, char *ret_text)
{
	size_t used = 0;
	ssize_t n;

	while (used + 1 < PAGE_SIZE && (n = read(fd, ret_text + used, PAGE_SIZE - 1 - used)) > 0)
		used += (size_t)n;
	ret_text[used] = '\0';
	return used;
}

/* Runs an example and finds the page in what it prints. The trace is that of this run alone. Returns
 * all that it printed, errors too; valid until the next call. */
static const char *fetch(struct course *course, const char *const *argv)
{
	static char page[PAGE_SIZE];
	int status = -1;
	int ends[2];
	pid_t pid;

	assert_int_equal(course->error, 0);
	(void)lab_wait_idle(course->lab, 0, lab_deadline(PATIENCE_MS));
	lab_trace_reset(course->lab);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(lab_spawn(course->lab, LAB_CLIENT, argv, -1, ends[1], ends[1], &pid), 0);
	close(ends[1]);
	read_all(ends[0], page);
	close(ends[0]);
	assert_int_equal(lab_wait(course->lab, pid, lab_deadline(PATIENCE_MS), &status), 0);
	assert_int_equal(lab_exit_status(status), 0);
	assert_non_null(strstr(page, "200 OK"));
	assert_non_null(strstr(page, "\r\n\r\n........"));
	assert_int_equal(lab_trace_connections(course->lab), 1);
	return page;
}

static void assert_early_data_in_syn(struct course *course)
{
	struct lab_early_data early;

	assert_int_equal(lab_trace_resumed(course->lab, 0), 1);
	assert_int_equal(lab_trace_early_data(course->lab, 0, &early), 0);
	assert_true(early.accepted);
	assert_true(early.sent > 0);
	assert_int_equal(early.in_syn, early.sent);
	assert_int_equal(
		lab_trace_syn_acked(course->lab, 0), lab_trace_syn_payload(course->lab, 0));
}

/* nginx gives two tickets after a full handshake, and none in a visit with early data after which it
 * closes. So every third run is without. */
static void first_data(void **state)
{
	struct course *course = *state;
	char path[PATH_SIZE];
	const char *const argv[] = {EXAMPLES_DIR "/first-data", path, host, "4433", CA, NULL};

	snprintf(path, sizeof(path), "%s/store", course->directory);
	for (int i = 0; i < 2; i++) {
		assert_null(strstr(fetch(course, argv), "no ticket left"));
		assert_int_equal(lab_trace_resumed(course->lab, 0), 0);
		assert_null(strstr(fetch(course, argv), "no ticket left"));
		assert_early_data_in_syn(course);
		assert_non_null(strstr(fetch(course, argv), "no ticket left"));
		assert_early_data_in_syn(course);
	}
}

/* The first run fetches cookie and ticket. */
static void early_data_loop(void **state)
{
	struct course *course = *state;
	char path[PATH_SIZE];
	const char *const argv[] = {EXAMPLES_DIR "/early-data-loop", path, host, "4433", CA, NULL};

	snprintf(path, sizeof(path), "%s/ticket", course->directory);
	(void)fetch(course, argv);
	assert_int_equal(lab_trace_resumed(course->lab, 0), 0);
	(void)fetch(course, argv);
	assert_early_data_in_syn(course);
}

static void the_others(void **state)
{
	static const char *const all[][ARGUMENTS] = {
		{EXAMPLES_DIR "/visit", host, "4433", CA},
		{EXAMPLES_DIR "/poll-loop", host, "4433", CA},
		{EXAMPLES_DIR "/connect-session", host, "4433", CA},
		{EXAMPLES_DIR "/gnutls-one-line", "before", host, "4433", CA},
		{EXAMPLES_DIR "/gnutls-one-line", "gnutls", host, "4433", CA},
		{EXAMPLES_DIR "/gnutls-one-line", "after", host, "4433", CA},
	};
	/* For event loops, where their libraries were found. */
	static const char *const loops[][ARGUMENTS] = {
		{EXAMPLES_DIR "/loop-libevent", host, "4433", CA},
		{EXAMPLES_DIR "/loop-libuv", host, "4433", CA},
		{EXAMPLES_DIR "/loop-glib", host, "4433", CA},
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		(void)fetch(*state, all[i]);
	for (i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		if (access(loops[i][0], X_OK) == 0)
			(void)fetch(*state, loops[i]);
}

static void skip_without_nginx(void)
{
	struct course course;
	int error;

	options_extend_path();
	course_begin(&course, server_find("nginx", "1.3"), RTT_MS);
	error = course.error;
	course_end(&course);
	if (error == -ENOENT)
		exit(LAB_EXIT_SKIP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_data),
		TEST(early_data_loop),
		TEST(the_others),
	};

	skip_without_nginx();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
