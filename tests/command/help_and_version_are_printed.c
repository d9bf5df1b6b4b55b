/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --help, -h, help and --version write to standard output and end with status 0. */
#include "command/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

#include "support/suite.h"

static void assert_printed(const struct outcome *outcome)
{
	assert_int_equal(outcome->status, 0);
	assert_string_equal(outcome->err, "");
	assert_int_equal(outcome->out[outcome->length - 1], '\n');
}

static void help_lists_the_commands(void **state)
{
	struct outcome outcome;
	struct outcome same;

	(void)state;
	run_command(&outcome, "", RUN_ARGS("--help"));
	assert_printed(&outcome);
	run_command(&same, "", RUN_ARGS("-h"));
	assert_string_equal(outcome.out, same.out);
	run_command(&same, "", RUN_ARGS("help"));
	assert_string_equal(outcome.out, same.out);
	assert_contains(outcome.out, "Usage: tlsfo COMMAND");
	assert_contains(outcome.out, "\n  connect ");
	assert_contains(outcome.out, "\n  warm ");
	assert_contains(outcome.out, "\n  probe ");
	assert_contains(outcome.out, "\n  run ");
	assert_contains(outcome.out, "\n  store ");
}

static void assert_help_has(const char *command, const char *const *parts, size_t count)
{
	struct outcome outcome;
	struct outcome same;

	run_command(&outcome, "", RUN_ARGS(command, "--help"));
	assert_printed(&outcome);
	run_command(&same, "", RUN_ARGS(command, "-h"));
	assert_printed(&same);
	assert_string_equal(outcome.out, same.out);
	run_command(&same, "", RUN_ARGS("help", command));
	assert_printed(&same);
	assert_string_equal(outcome.out, same.out);
	for (size_t i = 0; i < count; i++)
		assert_contains(outcome.out, parts[i]);
}

static void help_lists_every_option_and_status(void **state)
{
	static const char *const parts[] = {"Usage: tlsfo connect [OPTION]... HOST PORT",
		"--cafile FILE", "--servername NAME", "--insecure", "--alpn LIST",
		"--priority STRING", "--cert FILE --key FILE", "-4", "-6", "--bind ADDRESS",
		"--timeout SECONDS", "--idle-timeout SECONDS", "-N, --half-close", "--fast-open ",
		"auto", "always", "never", "--report ", "line", "text", "json", "none",
		"--report-file FILE", "--store DIR", "$XDG_STATE_HOME/tlsfo", "--no-store",
		"--early-data", "--help", "--version", "\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ",
		"\n  4  ", "\n  5  ", "\n  6  "};

	(void)state;
	assert_help_has("connect", parts, suite_length(parts));
}

static void help_of_warm_lists_every_option_and_status(void **state)
{
	static const char *const parts[] = {"Usage: tlsfo warm [OPTION]... HOST PORT...",
		"--cafile FILE", "--servername NAME", "--insecure", "--alpn LIST",
		"--priority STRING", "--cert FILE --key FILE", "-4", "-6", "--bind ADDRESS",
		"--timeout SECONDS", "--report ", "--store DIR", "$XDG_STATE_HOME/tlsfo",
		"--no-store", "--help", "--version", "\n  0  ", "\n  1  ", "\n  2  ", "\n  3  ",
		"\n  4  ", "\n  5  ", "\n  6  "};

	(void)state;
	assert_help_has("warm", parts, suite_length(parts));
}

static void help_of_probe_lists_every_option_and_status(void **state)
{
	static const char *const parts[] = {"Usage: tlsfo probe [OPTION]... HOST [PORT]",
		"--cafile FILE", "--servername NAME", "--insecure", "--alpn LIST",
		"--priority STRING", "--cert FILE --key FILE", "-4", "-6", "--bind ADDRESS",
		"--timeout SECONDS", "--json", "--help", "--version", "\n  0  ", "\n  1  ",
		"\n  2  ", "\n  3  ", "\n  4  ", "\n  5  ", "\n  6  "};

	(void)state;
	assert_help_has("probe", parts, suite_length(parts));
}

static void help_of_store_lists_every_action_and_status(void **state)
{
	static const char *const parts[] = {"Usage: tlsfo store [--store DIR] list [--json]",
		"\n  list ", "\n  forget HOST [PORT] ", "\n  clear ", "--store DIR",
		"$XDG_STATE_HOME/tlsfo", "--json", "--help", "--version", "\n  0  ", "\n  1  ",
		"\n  2  "};

	(void)state;
	assert_help_has("store", parts, suite_length(parts));
}

static void version_names_the_library(void **state)
{
	static const char *const commands[] = {"connect", "warm", "probe", "store"};
	struct outcome outcome;
	struct outcome same;

	(void)state;
	run_command(&outcome, "", RUN_ARGS("--version"));
	assert_printed(&outcome);
	assert_int_equal(
		strncmp(outcome.out, "tlsfo " TLSFO_VERSION, 6 + strlen(TLSFO_VERSION)), 0);
	assert_contains(outcome.out, tlsfo_version());
	for (size_t i = 0; i < suite_length(commands); i++) {
		run_command(&same, "", RUN_ARGS(commands[i], "--version"));
		assert_printed(&same);
		assert_string_equal(outcome.out, same.out);
	}
}

static void a_full_disk_is_told(void **state)
{
	struct run run;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(full >= 0);
	run_start(&run, RUN_PIPE, full, RUN_ARGS("--help"));
	close(full);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard output: No space left on device");
}

/* It is an error like any other, not a signal. */
static void a_reader_that_is_gone_is_told(void **state)
{
	struct run run;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	run_start(&run, RUN_PIPE, ends[1], RUN_ARGS("connect", "--help"));
	close(ends[1]);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard output: Broken pipe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_lists_the_commands),
		cmocka_unit_test(help_lists_every_option_and_status),
		cmocka_unit_test(help_of_warm_lists_every_option_and_status),
		cmocka_unit_test(help_of_probe_lists_every_option_and_status),
		cmocka_unit_test(help_of_store_lists_every_action_and_status),
		cmocka_unit_test(version_names_the_library),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(a_reader_that_is_gone_is_told),
	};

	return suite_run_offline("help_and_version_are_printed", tests, suite_length(tests));
}
