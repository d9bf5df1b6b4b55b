/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store that was asked for by --store and cannot be used ends the command with status 2 before
 * anything is sent; the line says which, and why. */
#include "command/run.h"

#include <sys/stat.h>
#include <unistd.h>

#include "support/suite.h"

/* Nobody is asked to connect here: the port is one that would refuse, with status 3. */
#define OPERANDS "127.0.0.1", "1"

static void assert_refused(const char *path, const char *why)
{
	const char *const *commands[] = {
		RUN_ARGS("connect", "--store", path, OPERANDS),
		RUN_ARGS("warm", "--store", path, OPERANDS),
		RUN_ARGS("store", "--store", path, "list"),
		RUN_ARGS("store", "--store", path, "forget", "127.0.0.1"),
		RUN_ARGS("store", "--store", path, "clear"),
	};
	struct outcome outcome;

	for (size_t i = 0; i < suite_length(commands); i++) {
		run_command(&outcome, "", commands[i]);
		assert_int_equal(outcome.status, 2);
		assert_string_equal(outcome.out, "");
		assert_contains(outcome.err, "tlsfo: the store cannot be opened: ");
		assert_contains(outcome.err, path);
		assert_contains(outcome.err, why);
		assert_ptr_equal(strchr(outcome.err, '\n'), outcome.err + strlen(outcome.err) - 1);
	}
}

static void a_file(void **state)
{
	char path[64];

	(void)state;
	run_path(path);
	assert_refused(path, "is not a directory");
	run_remove(path);
}

static void a_symbolic_link(void **state)
{
	char directory[64];
	char path[128];

	(void)state;
	run_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/link", directory);
	assert_int_equal(symlink("/nonexistent", path), 0);
	assert_refused(path, "is a symbolic link");
	/* The empty directory that it leads to could be a store. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(directory, path), 0);
	(void)strcat(path, "/.");
	assert_refused(path, "is a symbolic link");
	run_remove_directory(directory);
}

static void a_directory_that_others_may_write(void **state)
{
	char directory[64];

	(void)state;
	run_directory(directory);
	assert_int_equal(chmod(directory, 0770), 0);
	assert_refused(directory, "may be written by others");
	run_remove_directory(directory);
}

/* Where nothing can be made. Looking at what is not there is no error. */
static void a_place_that_cannot_be(void **state)
{
	struct outcome outcome;

	(void)state;
	run_command(&outcome, "", RUN_ARGS("connect", "--store", "/proc/tlsfo", OPERANDS));
	assert_int_equal(outcome.status, 2);
	assert_contains(outcome.err, "tlsfo: the store cannot be opened: /proc/tlsfo: ");
	run_command(&outcome, "", RUN_ARGS("warm", "--store", "/dev/null/tlsfo", OPERANDS));
	assert_int_equal(outcome.status, 2);
	assert_contains(outcome.err, "/dev/null/tlsfo: ");
	assert_contains(outcome.err, "Not a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),
		cmocka_unit_test(a_symbolic_link),
		cmocka_unit_test(a_directory_that_others_may_write),
		cmocka_unit_test(a_place_that_cannot_be),
	};

	return suite_run_offline("unusable_named_store_exits_2", tests, suite_length(tests));
}
