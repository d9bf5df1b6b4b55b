/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The command tlsfo-lab, named in the environment as TLSFO_LAB, does from the outside what its help
 * says.
 */

#include "lab_test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 65536, WORDS_MAX = 32 };

struct outcome {
	int status;		 /* as a shell sees it */
	char output[OUTPUT_MAX]; /* standard output and standard error */
};

static struct outcome *outcome_new(void)
{
	struct outcome *outcome = calloc(1, sizeof(*outcome));

	assert_non_null(outcome);
	return outcome;
}

/* Starts the command; *ret_output is both its standard output and error. */
static pid_t start(const char *const *words, int *ret_output)
{
	const char *argv[WORDS_MAX] = {getenv("TLSFO_LAB")};
	int output[2];
	size_t i;
	pid_t pid;

	for (i = 0; words[i]; i++)
		argv[i + 1] = words[i];
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	close(output[1]);
	*ret_output = output[0];
	return pid;
}

static void finish(pid_t pid, int output, struct outcome *outcome)
{
	size_t used = strlen(outcome->output);
	ssize_t length;
	int status;

	while ((length = read(output, outcome->output + used, OUTPUT_MAX - 1 - used)) > 0)
		used += (size_t)length;
	close(output);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	outcome->status = lab_exit_status(status);
}

/* Runs it to its end and returns the status; `part` must be in the output. */
static int run(const char *const *words, const char *part)
{
	struct outcome *outcome = outcome_new();
	int output;
	pid_t pid = start(words, &output);
	int status;

	finish(pid, output, outcome);
	if (!strstr(outcome->output, part))
		fail_msg("\"%s\" is not in:\n%s", part, outcome->output);
	status = outcome->status;
	free(outcome);
	return status;
}

#define RUN(part, ...) run((const char *const[]){__VA_ARGS__, NULL}, part)

/* A server that answers one connection, in the language of the shell's friends. */
#define SERVER                                                                                     \
	"python3", "-c",                                                                           \
		"import socket; s = socket.create_server(('', 4433)); c = s.accept()[0]\n"         \
		"c.sendall(b'answer\\n'); c.close(); s.accept()"

#define CLIENT "bash", "-c", "exec 3<>/dev/tcp/server4.test/4433; cat <&3"

static void wrong_usage_ends_with_2(void **state)
{
	(void)state;
	assert_int_equal(run((const char *const[]){NULL}, "no server command"), 2);
	assert_int_equal(RUN("no client command", "--", "true"), 2);
	assert_int_equal(RUN("no client command", "--", "true", "--"), 2);
	assert_int_equal(RUN("no server command", "--", "--", "true"), 2);
	assert_int_equal(RUN("unknown option", "--nonsense"), 2);
	assert_int_equal(RUN("--rtt", "--rtt"), 2);
	assert_int_equal(RUN("--rtt cannot be -1", "--rtt", "-1", "--", "true", "--", "true"), 2);
	assert_int_equal(RUN("--loss cannot be 2", "--loss", "2", "--", "true", "--", "true"), 2);
	assert_int_equal(RUN("--mtu=10 cannot be 10", "--mtu=10", "--", "true", "--", "true"), 2);
	assert_int_equal(RUN("no such box", "--box", "x", "--", SERVER, "--", "true"), 2);
	assert_int_equal(RUN("argument", "--box", "clamp-mss", "--", SERVER, "--", "true"), 2);
}

static void help_and_boxes_are_listed(void **state)
{
	(void)state;
	assert_int_equal(RUN("usage: tlsfo-lab", "--help"), 0);
	assert_int_equal(RUN("drop-syn-data", "--list-boxes"), 0);
	assert_int_equal(RUN("delay-synack=MS", "--list-boxes"), 0);
}

static void clients_status_is_the_commands(void **state)
{
	(void)state;
	assert_int_equal(RUN("answer", "--rtt", "5", "--", SERVER, "--", CLIENT), 0);
	assert_int_equal(RUN("", "--rtt", "5", "--", SERVER, "--", "sh", "-c", "exit 42"), 42);
	assert_int_equal(RUN("", "--", SERVER, "--", "sh", "-c", "kill -TERM $$"), 128 + SIGTERM);
}

static void failures_have_a_status_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(RUN("/no/such", "--", SERVER, "--", "/no/such"), 127);
	assert_int_equal(RUN("/tmp", "--", SERVER, "--", "/tmp"), 126);
	assert_int_equal(RUN("/no/such", "--", "/no/such", "--", "true"), 125);
	assert_int_equal(RUN("ended before it listened", "--", "true", "--", "true"), 125);
	assert_int_equal(RUN("does not listen in time", "--wait", "0.05", "--", "sleep", "1000",
				 "--", "true"),
		125);
	assert_int_equal(RUN("does not listen in time", "--wait", "0.5", "--wait-port", "4434",
				 "--", SERVER, "--", "true"),
		125);
	assert_int_equal(RUN("the ladder", "--ladder=/no/such/x", "--", SERVER, "--", "true"), 125);
	assert_int_equal(
		RUN("/no/such/x", "--pcap", "/no/such/x", "--", SERVER, "--", "true"), 125);
}

static void ladder_is_drawn(void **state)
{
	(void)state;
	assert_int_equal(RUN("data 7", "--rtt=5", "--ladder", "--", SERVER, "--", CLIENT), 0);
	assert_int_equal(RUN("SYN-ACK", "--rtt=5", "--ladder=-", "--", SERVER, "--", CLIENT), 0);
	assert_int_equal(RUN("(clamp-mss)", "--rtt=5", "--box", "clamp-mss=500", "--ladder", "--",
				 SERVER, "--", CLIENT),
		0);
}

static void files_are_written(void **state)
{
	char directory[] = "/tmp/lab-command-XXXXXX";
	char ladder[64];
	char pcap[64];
	char start_of_file[32] = "";
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(ladder, sizeof(ladder), "--ladder=%s/x.txt", directory);
	snprintf(pcap, sizeof(pcap), "%s/x.pcap", directory);
	assert_int_equal(
		RUN("answer", "--rtt=5", ladder, "--pcap", pcap, "--", SERVER, "--", CLIENT), 0);
	file = fopen(ladder + strlen("--ladder="), "re");
	assert_non_null(file);
	assert_non_null(fgets(start_of_file, sizeof(start_of_file), file));
	assert_non_null(strstr(start_of_file, "#1  192.0.2.10:"));
	fclose(file);
	assert_int_equal(unlink(ladder + strlen("--ladder=")), 0);
	assert_int_equal(unlink(pcap), 0);
	assert_int_equal(rmdir(directory), 0);
}

/* Sent to the command, the signal is for the client; the server is gone afterwards all the same. */
static void signal_is_passed_on(void **state)
{
	static const char *const words[] = {"--rtt=5", "--", SERVER, "--", "sh", "-c",
		"trap 'exit 11' TERM; echo ready; while :; do sleep 0.01; done", NULL};
	struct outcome *outcome = outcome_new();
	int output;
	pid_t pid = start(words, &output);

	(void)state;
	while (!strstr(outcome->output, "ready")) {
		size_t used = strlen(outcome->output);

		test_poll(output, POLLIN);
		assert_true(read(output, outcome->output + used, OUTPUT_MAX - 1 - used) > 0);
	}
	assert_int_equal(kill(pid, SIGTERM), 0);
	finish(pid, output, outcome);
	assert_int_equal(outcome->status, 11);
	free(outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_usage_ends_with_2),
		cmocka_unit_test(help_and_boxes_are_listed),
		cmocka_unit_test(clients_status_is_the_commands),
		cmocka_unit_test(failures_have_a_status_of_their_own),
		cmocka_unit_test(ladder_is_drawn),
		cmocka_unit_test(files_are_written),
		cmocka_unit_test(signal_is_passed_on),
	};

	lab_free(lab_new_or_exit(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
