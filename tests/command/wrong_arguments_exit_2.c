/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A wrong argument ends the command with status 2 and a line that names it, before anything is
 * sent. */
#include "command/run.h"
#include "support/suite.h"

/* Nobody is asked to connect here: the port is one that would refuse, with status 3. */
#define OPERANDS "127.0.0.1", "1"

#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64

struct mistake {
	const char *part; /* of what is said */
	const char *args[8];
};

static const struct mistake mistakes[] = {
	{"no command given", {NULL}},
	{"unknown command 'conect'", {"conect"}},
	{"unknown option '--foo'", {"--foo"}},
	{"'--foo'", {"connect", "--foo", OPERANDS}},
	{"HOST and PORT are missing", {"connect"}},
	{"PORT '70000'", {"connect", "127.0.0.1", "70000"}},
	{"service no-such-service", {"connect", "127.0.0.1", "no-such-service"}},
	{"--fast-open: 'none'", {"connect", "--fast-open=none", OPERANDS}},
	{"--timeout: '0'", {"connect", "--timeout=0", OPERANDS}},
	{"--key", {"connect", "--cert", "c", OPERANDS}},
	{"/nonexistent/ca.pem", {"connect", "--cafile", "/nonexistent/ca.pem", OPERANDS}},
	{"/nonexistent/cert.pem",
		{"connect", "--cert", "/nonexistent/cert.pem", "--key", "/dev/null", OPERANDS}},
	{"/nonexistent/key.pem", {"connect", "--cert", CERTS_DIR "/client.pem", "--key",
					 "/nonexistent/key.pem", OPERANDS}},
	{"server-key.pem", {"connect", "--cert", CERTS_DIR "/client.pem", "--key",
				   CERTS_DIR "/server-key.pem", OPERANDS}},
	{"--key-password 'p' needs --key", {"connect", "--key-password", "p", OPERANDS}},
	{"--key-password: /nonexistent/p: No such file",
		{"connect", "--key-password=/nonexistent/p", "--cert=c", "--key=k", OPERANDS}},
	{"--key-password: /dev/null: the file is empty",
		{"connect", "--key-password=/dev/null", "--cert=c", "--key=k", OPERANDS}},
	{"--priority", {"connect", "--priority", "NONSENSE", OPERANDS}},
	{"NONSENSE", {"connect", "--priority", "NONSENSE", OPERANDS}},
	{"--bind", {"connect", "--bind", "nowhere", OPERANDS}},
	{"nowhere", {"connect", "--bind", "nowhere", OPERANDS}},
	{"--servername", {"connect", "--servername", "", OPERANDS}},
	{"/nonexistent/report", {"connect", "--report-file", "/nonexistent/report", OPERANDS}},
	{"--store: the name is empty", {"connect", "--store=", OPERANDS}},
	{"--store and --no-store",
		{"connect", "--no-store", "--store", "/nonexistent/s", OPERANDS}},
	{"--no-store keeps none", {"connect", "--no-store", "--early-data", OPERANDS}},
	{"'--early-data=x' takes no value", {"connect", "--early-data=x", OPERANDS}},
	{"HOST and PORT are missing", {"warm"}},
	{"PORT is missing after HOST '127.0.0.1'", {"warm", "127.0.0.1"}},
	{"PORT '70000'", {"warm", OPERANDS, "70000"}},
	{"'--early-data'", {"warm", "--early-data", OPERANDS}},
	{"'--idle-timeout'", {"warm", "--idle-timeout", "1", OPERANDS}},
	{"excludes --store", {"connect", "--private", "--store", "/nonexistent/s", OPERANDS}},
	{"excludes --early-data", {"connect", "--early-data", "--private", OPERANDS}},
	{"excludes --fast-open always",
		{"connect", "--private", "--fast-open", "always", OPERANDS}},
	{"--store and --no-store", {"warm", "--no-store", "--store", "/nonexistent/s", OPERANDS}},
	{"/nonexistent/ca.pem", {"warm", "--cafile", "/nonexistent/ca.pem", OPERANDS}},
	{"HOST is missing", {"probe"}},
	{"HOST is empty", {"probe", ""}},
	{"HOST is longer than 255 bytes", {"probe", A256}},
	{"HOST is longer than 255 bytes", {"connect", A256, "443"}},
	{"PORT '0'", {"probe", "127.0.0.1", "0"}},
	{"unexpected argument '2' after HOST and PORT", {"probe", OPERANDS, "2"}},
	{"'--store'", {"probe", "--store", "/nonexistent/s", OPERANDS}},
	{"'--fast-open=never'", {"probe", "--fast-open=never", OPERANDS}},
	{"--timeout", {"probe", "--timeout", "0", OPERANDS}},
	{"/nonexistent/ca.pem", {"probe", "--cafile", "/nonexistent/ca.pem", OPERANDS}},
	{"list, forget or clear is missing", {"store"}},
	{"'lost' is none of list, forget, clear", {"store", "lost"}},
	{"unexpected argument 'all' after list", {"store", "list", "all"}},
	{"unexpected argument 'all' after clear", {"store", "clear", "all"}},
	{"HOST is missing", {"store", "forget"}},
	{"HOST is empty", {"store", "forget", ""}},
	{"PORT '0'", {"store", "forget", "host", "0"}},
	{"PORT 'no-such-service'", {"store", "forget", "host", "no-such-service"}},
	{"unexpected argument 'c' after forget", {"store", "forget", "a", "1", "c"}},
	{"--json goes with list only", {"store", "clear", "--json"}},
	{"--store: the name is empty", {"store", "--store", "", "list"}},
	{"'--store' needs a value", {"store", "list", "--store"}},
	{"'--json=x' takes no value", {"store", "list", "--json=x"}},
	{"'--foo'", {"store", "list", "--foo"}},
	{"Is a directory", {"connect", "--report-file", "/tmp", OPERANDS}},
};

static void every_mistake_is_named(void **state)
{
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < suite_length(mistakes); i++) {
		run_command(&outcome, "", mistakes[i].args);
		if (outcome.status != 2)
			fail_msg(
				"%s: status %d: %s", mistakes[i].part, outcome.status, outcome.err);
		assert_contains(outcome.err, mistakes[i].part);
		assert_int_equal(strncmp(outcome.err, "tlsfo: ", 7), 0);
		assert_int_equal(outcome.length, 0);
	}
}

static void usage_errors_point_to_the_help(void **state)
{
	struct outcome outcome;

	(void)state;
	run_command(&outcome, "", RUN_ARGS("--foo"));
	assert_contains(outcome.err, "'tlsfo --help'");
	run_command(&outcome, "", RUN_ARGS("connect", "--foo"));
	assert_contains(outcome.err, "'tlsfo connect --help'");
	run_command(&outcome, "", RUN_ARGS("warm", "--foo"));
	assert_contains(outcome.err, "'tlsfo warm --help'");
	run_command(&outcome, "", RUN_ARGS("probe", "--foo"));
	assert_contains(outcome.err, "'tlsfo probe --help'");
	run_command(&outcome, "", RUN_ARGS("store", "--foo"));
	assert_contains(outcome.err, "'tlsfo store --help'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_named),
		cmocka_unit_test(usage_errors_point_to_the_help),
	};

	return suite_run("wrong_arguments_exit_2", tests, suite_length(tests));
}
