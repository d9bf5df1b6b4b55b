/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments, files and servers steer no terminal: what they say is printed without escape
 * sequences.
 */
#include "command/scene.h"

#include "support/suite.h"

#define ESC "\033[31m"
#define ALPN                                                                                       \
	"a" ESC "\xc2\x9b"                                                                         \
	"1mz"

/* Runs it, and says how it ended. */
static int run_harmless(struct outcome *outcome, const char *const *args)
{
	run_command(outcome, "", args);
	for (const char *at = outcome->out; *at != '\0'; at++)
		if (((unsigned char)*at < ' ' && *at != '\n') || *at == '\x9b')
			fail_msg("%s: standard output: %s", args[0], outcome->out);
	for (const char *at = outcome->err; *at != '\0'; at++)
		if (((unsigned char)*at < ' ' && *at != '\n') || *at == '\x9b')
			fail_msg("%s: standard error: %s", args[0], outcome->err);
	return outcome->status;
}

static void of_arguments(void **state)
{
	static const char *const cases[][8] = {
		{ESC},
		{"--" ESC},
		{"help", ESC},
		{"connect", "--" ESC, "127.0.0.1", "1"},
		{"connect", "--report=" ESC, "127.0.0.1", "1"},
		{"connect", "--report=text", "x" ESC, "1"},
		{"connect", "--report=line", "x" ESC, "1"},
		{"connect", "--report=text", "--servername", ESC, "127.0.0.1", "1"},
		{"connect", "--bind", ESC, "127.0.0.1", "1"},
		{"connect", "--priority", ESC, "127.0.0.1", "1"},
		{"connect", "--cafile", "/" ESC, "127.0.0.1", "1"},
		{"connect", "--store", "/dev/null/" ESC, "127.0.0.1", "1"},
		{"connect", "--report-file", "/dev/null/" ESC, "127.0.0.1", "1"},
		{"connect", "--no-store", "127.0.0.1", "p" ESC},
		{"warm", "--no-store", "x" ESC, "1"},
		{"probe", "x" ESC, "1"},
		{"store", "--store", "/" ESC, "list"},
		{"store", "forget", ESC, ESC},
	};
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < suite_length(cases); i++)
		(void)run_harmless(&outcome, cases[i]);
}

/* The server chooses a protocol, and gives tickets for it. */
static void of_a_server(void **state)
{
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin_alpn(&scene, ALPN);
	assert_int_equal(
		run_harmless(&outcome, RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem",
					       "--report=text", "--store", scene.store, "--alpn",
					       ALPN, "127.0.0.1", scene.port.text)),
		0);
	assert_contains(outcome.err, "ALPN a?[31m?\?1mz");
	assert_int_equal(
		run_harmless(&outcome, RUN_ARGS("store", "--store", scene.store, "list")), 0);
	assert_contains(outcome.out, "a?[31m?\?1mz");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_arguments),
		cmocka_unit_test(of_a_server),
	};

	return suite_run("escape_sequences_reach_no_terminal", tests, suite_length(tests));
}
