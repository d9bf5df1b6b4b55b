/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A lab that is freed leaves nothing behind: no descriptor, thread, child, mount or file. */

#include "lab_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t count_entries(const char *path)
{
	DIR *directory = opendir(path);
	size_t count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static size_t count_lines(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t count = 0;
	int character;

	assert_non_null(file);
	while ((character = fgetc(file)) != EOF)
		count += character == '\n';
	fclose(file);
	return count;
}

static void use(struct lab *lab)
{
	static const char *const server[] = {"sleep", "1000", NULL};
	int listener = test_listener(lab, AF_INET6);
	int client;
	int error;
	pid_t pid;

	assert_int_equal(lab_add_box(lab, "fake-ack-syn-data"), 0);
	assert_int_equal(lab_spawn(lab, LAB_SERVER, server, -1, -1, -1, &pid), 0);
	client = test_fastopen(lab, AF_INET6, "x", 1, &error);
	assert_int_equal(error, EINPROGRESS);
	close(test_accept(listener));
	close(client);
	close(listener);
}

/* Twenty labs in a row, the last packets still on their way when each is freed. */
static void nothing_is_left(void **state)
{
	size_t descriptors = count_entries("/proc/self/fd");
	size_t threads = count_entries("/proc/self/task");
	size_t mounts = count_lines("/proc/self/mountinfo");
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		struct lab *lab = test_lab(5, NULL);

		assert_true(count_entries("/proc/self/fd") > descriptors);
		use(lab);
		lab_free(lab);
	}
	assert_int_equal(count_entries("/proc/self/fd"), descriptors);
	assert_int_equal(count_entries("/proc/self/task"), threads);
	assert_int_equal(count_lines("/proc/self/mountinfo"), mounts);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

enum { DESCRIPTORS = 256 };

/* Programs must not inherit what belongs to the lab. */
static void every_descriptor_is_closed_on_exec(void **state)
{
	bool before[DESCRIPTORS];
	size_t opened = 0;
	struct lab *lab;
	int fd;

	(void)state;
	for (fd = 0; fd < DESCRIPTORS; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	lab = test_lab(5, NULL);
	for (fd = 0; fd < DESCRIPTORS; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (before[fd] || flags < 0)
			continue;
		opened++;
		assert_true(flags & FD_CLOEXEC);
	}
	assert_true(opened > 0);
	lab_free(lab);
}

static void labs_do_not_meet(void **state)
{
	struct lab *one = test_lab(5, NULL);
	struct lab *other = test_lab(5, NULL);
	int listener = test_listener(one, AF_INET);
	int client;
	int error;

	(void)state;
	client = test_fastopen(other, AF_INET, "x", 1, &error);
	test_poll(client, POLLIN);
	assert_int_equal(test_error(client), ECONNREFUSED);
	assert_int_equal(lab_trace_packets(one), 0);
	close(client);
	close(listener);
	lab_free(one);
	lab_free(other);
}

/* What is in the directory when a lab with evidence is freed. */
static size_t count_evidence(bool passed)
{
	char directory[] = "/tmp/lab-evidence-XXXXXX";
	char name[128];
	size_t count;
	struct lab *lab;
	int error;

	assert_non_null(mkdtemp(directory));
	snprintf(name, sizeof(name), "%s/test", directory);
	lab = test_lab(5, name);
	test_close(test_fastopen(lab, AF_INET, "x", 1, &error));
	if (passed)
		lab_passed(lab);
	lab_free(lab);

	count = count_entries(directory) - 2;
	snprintf(name, sizeof(name), "%s/test.pcap", directory);
	unlink(name);
	snprintf(name, sizeof(name), "%s/test.txt", directory);
	unlink(name);
	assert_int_equal(rmdir(directory), 0);
	return count;
}

static void evidence_is_left_by_failure_alone(void **state)
{
	(void)state;
	assert_int_equal(count_evidence(true), 0);
	assert_int_equal(count_evidence(false), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(every_descriptor_is_closed_on_exec),
		cmocka_unit_test(labs_do_not_meet),
		cmocka_unit_test(evidence_is_left_by_failure_alone),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
