/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * "tlsfo run" says when nothing can be done for a program, and runs it as it is: one that is linked statically, written
 * in Go, or has the rights of another user. Statuses are the program's, or tell that there is none.
 */

#include "command/run.h"

#include <stdlib.h>

#include "support/suite.h"

/* This program looks like one of Go's: their linker leaves such a note. */
__asm__(".pushsection .note.go.buildid,\"a\",%note\n"
	".balign 4\n.long 4, 4, 4\n.asciz \"Go\\0\"\n.asciz \"lab\"\n.popsection\n");

static const char *itself;

static void expect(const char *const *args, int status, const char *out, const char *err)
{
	struct outcome outcome;

	setenv("TLSFO_RUN_LIBRARY", RUN_LIBRARY, 1);
	run_command(&outcome, "", args);
	assert_contains(outcome.err, err);
	assert_int_equal(outcome.status, status);
	assert_contains(outcome.out, out);
	if (err[0] == '\0')
		assert_string_equal(outcome.err, "");
}

static void what_cannot_be_done_is_told(void **state)
{
	char directory[64];
	char copy[96];
	char script[256];
	struct outcome outcome;

	(void)state;
	run_directory(directory);
	(void)snprintf(copy, sizeof(copy), "%s/env", directory);
	(void)snprintf(
		script, sizeof(script), "cp \"$(command -v env)\" %s && chmod 4755 %s", copy, copy);
	expect(RUN_ARGS("run", "env"), 0, "LD_PRELOAD=" RUN_LIBRARY, "");
	expect(RUN_ARGS("run", "sh", "-c", script), 0, "", "");
	run_command(&outcome, "", RUN_ARGS("run", copy));
	assert_int_equal(outcome.status, 0);
	assert_contains(outcome.err, "nothing can be done");
	assert_contains(outcome.err, "rights of its own");
	assert_null(strstr(outcome.out, "LD_PRELOAD=" RUN_LIBRARY));
	expect(RUN_ARGS("run", "/sbin/ldconfig", "--version"), 0, "ldconfig", "linked statically");
	expect(RUN_ARGS("run", itself, "--status"), 9, "", "a Go program");
	run_remove_directory(directory);
}

static void statuses_are_the_programs(void **state)
{
	(void)state;
	expect(RUN_ARGS("run", "sh", "-c", "exit 7"), 7, "", "");
	expect(RUN_ARGS("run", "/no/such/program"), 127, "", "No such file or directory");
	expect(RUN_ARGS("run", "/etc/passwd"), 126, "", "Permission denied");
	expect(RUN_ARGS("run"), 2, "", "COMMAND is missing");
	expect(RUN_ARGS("run", "--ports", "443,x", "true"), 2, "", "'443,x'");
	expect(RUN_ARGS("run", "--ports", "70000", "true"), 2, "", "'70000'");
	expect(RUN_ARGS("run", "--ports", "20-10", "true"), 2, "", "'20-10'");
	expect(RUN_ARGS("run", "--report-file", "/no/such/file", "true"), 1, "", "/no/such/file");
	/* The program finds the signal as it was. */
	expect(RUN_ARGS("run", "sh", "-c", "trap - PIPE; kill -PIPE $$; exit 3"), -1, "", "");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_done_is_told),
		cmocka_unit_test(statuses_are_the_programs),
	};

	itself = argv[0];
	if (argc > 1)
		return 9;
	return suite_run("run_tells_what_it_cannot_do", tests, suite_length(tests));
}
