/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/hide_proc.h"
#include "support/suite.h"
#include "support/tree.h"

#define ARGUMENTS_MAX 32

int run_file(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

void run_path(char *ret_path)
{
	int fd;

	(void)strcpy(ret_path, "/tmp/tlsfo-test-XXXXXX");
	fd = mkostemp(ret_path, O_CLOEXEC);
	assert_true(fd >= 0);
	close(fd);
}

void run_remove(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

void run_directory(char *ret_path)
{
	(void)strcpy(ret_path, "/tmp/tlsfo-test-XXXXXX");
	assert_non_null(mkdtemp(ret_path));
}

void run_remove_directory(const char *path)
{
	assert_int_equal(tree_remove(path), 0);
}

/* ------------------------------------------------------------------------------ the child -- */

/* How a command is started that is not as usual. */
struct surroundings {
	const char *const *environment; /* NULL: as usual */
	bool without_proc;
};

/* The words of TLSFO_TEST_UNDER, then the command and its arguments. Without /proc the command runs
 * by itself, because valgrind is lost there. */
static void fill_arguments(const char **argv, const char *const *args, bool without_proc)
{
	static char under[1024];
	const char *wanted = without_proc ? NULL : getenv("TLSFO_TEST_UNDER");
	char *rest = under;
	size_t count = 0;

	(void)snprintf(under, sizeof(under), "%s", wanted != NULL ? wanted : "");
	for (char *word = strtok_r(under, " ", &rest); word != NULL && count < ARGUMENTS_MAX / 2;
		word = strtok_r(NULL, " ", &rest))
		argv[count++] = word;
	argv[count++] = TLSFO_COMMAND;
	for (size_t i = 0; args[i] != NULL && count < ARGUMENTS_MAX - 1; i++)
		argv[count++] = args[i];
	argv[count] = NULL;
}

static void place(int fd, int number)
{
	if (fd == RUN_CLOSED)
		close(number);
	else if (dup2(fd, number) < 0)
		_exit(125);
}

static void set_environment(const char *const *environment, const char *state)
{
	if (environment == NULL)
		setenv("XDG_STATE_HOME", state, 1);
	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		/* Without "=" this removes the variable (putenv(3)). */
		putenv((char *)(uintptr_t)environment[i]);
}

static _Noreturn void exec_command(int in, int out, int err, const char *const *argv)
{
	/* Numbers below 3 would be overwritten before they are used; tests do not have such. */
	place(in, STDIN_FILENO);
	place(out, STDOUT_FILENO);
	place(err, STDERR_FILENO);
	/* As a shell gives it, whatever the test does itself. */
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(126);
}

/* ------------------------------------------------------------------------------- the test -- */

/* Takes a pipe where one is wanted: @ours is its end for the test, the result that for the command. */
static int make_end(int wanted, bool command_reads, int *ours)
{
	int ends[2];

	*ours = -1;
	if (wanted != RUN_PIPE)
		return wanted;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	*ours = ends[command_reads ? 1 : 0];
	return ends[command_reads ? 0 : 1];
}

static void start(struct run *run, int in, int out, const struct surroundings *surroundings,
	const char *const *args)
{
	bool hide = surroundings->without_proc;
	const char *argv[ARGUMENTS_MAX];
	pid_t parent = getpid();
	int command_in = make_end(in, true, &run->in);
	int command_out = make_end(out, false, &run->out);

	/* Writing to a command that has ended is found out by its status. */
	signal(SIGPIPE, SIG_IGN);
	fill_arguments(argv, args, hide);
	run->err = run_file();
	run->state[0] = '\0';
	if (surroundings->environment == NULL)
		run_directory(run->state);
	fflush(NULL);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (run->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent || (hide && !hide_descriptors()))
			_exit(124);
		set_environment(surroundings->environment, run->state);
		exec_command(command_in, command_out, run->err, argv);
	}
	run->pidfd = pidfd_open(run->pid, 0);
	assert_true(run->pidfd >= 0);
	if (in == RUN_PIPE)
		close(command_in);
	if (out == RUN_PIPE)
		close(command_out);
}

void run_start(struct run *run, int in, int out, const char *const *args)
{
	const struct surroundings usual = {.without_proc = false};

	start(run, in, out, &usual, args);
}

void run_start_without_proc(struct run *run, int in, int out, const char *const *args)
{
	const struct surroundings hidden = {.without_proc = true};

	start(run, in, out, &hidden, args);
}

void run_start_in(
	struct run *run, int in, int out, const char *const *environment, const char *const *args)
{
	const struct surroundings surroundings = {.environment = environment};

	start(run, in, out, &surroundings, args);
}

void run_end_input(struct run *run)
{
	assert_int_equal(close(run->in), 0);
	run->in = -1;
}

void run_send(struct run *run, const void *data, size_t len)
{
	assert_int_equal(write(run->in, data, len), len);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void run_expect_output(struct run *run, const void *data, size_t len)
{
	struct pollfd pfd = {.fd = run->out, .events = POLLIN};
	char *got = malloc(len);
	size_t have = 0;

	assert_non_null(got);
	while (have < len) {
		if (poll(&pfd, 1, RUN_PATIENCE_MS) != 1)
			fail_msg("no output; the command says: %s", run_errors(run));
		ssize_t n = read(run->out, got + have, len - have);
		if (n <= 0)
			fail_msg("output ended; the command says: %s", run_errors(run));
		have += (size_t)n;
	}
	assert_memory_equal(got, data, len);
	free(got);
}

const char *run_errors(struct run *run)
{
	ssize_t n = pread(run->err, run->errors, sizeof(run->errors) - 1, 0);

	run->errors[n > 0 ? n : 0] = '\0';
	return run->errors;
}

int run_wait(struct run *run)
{
	struct pollfd pfd = {.fd = run->pidfd, .events = POLLIN};
	int status = 0;

	if (poll(&pfd, 1, RUN_PATIENCE_MS) != 1) {
		kill(run->pid, SIGKILL);
		waitpid(run->pid, NULL, 0);
		fail_msg("the command does not end; it says: %s", run_errors(run));
	}
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	(void)run_errors(run);
	close_end(&run->pidfd);
	close_end(&run->in);
	close_end(&run->out);
	close_end(&run->err);
	if (run->state[0] != '\0')
		run_remove_directory(run->state);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t read_file(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	return (size_t)n;
}

/* Feeds a command that was started and waits for its end. */
static void complete(struct outcome *outcome, struct run *run, int out, const char *input)
{
	/* The command may have ended before it read anything. */
	if (write(run->in, input, strlen(input)) < 0)
		assert_int_equal(errno, EPIPE);
	run_end_input(run);
	outcome->status = run_wait(run);
	outcome->length = read_file(out, outcome->out, sizeof(outcome->out));
	(void)strcpy(outcome->err, run->errors);
	close(out);
}

void run_command(struct outcome *outcome, const char *input, const char *const *args)
{
	struct run run;
	int out = run_file();

	run_start(&run, RUN_PIPE, out, args);
	complete(outcome, &run, out, input);
}

void run_command_in(struct outcome *outcome, const char *input, const char *const *environment,
	const char *const *args)
{
	struct run run;
	int out = run_file();

	run_start_in(&run, RUN_PIPE, out, environment, args);
	complete(outcome, &run, out, input);
}

/* -------------------------------------------------------------------------------- reports -- */

json_t *run_json(const char *text)
{
	json_error_t error;
	json_t *report = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (report == NULL)
		fail_msg("not JSON: %s: %s", error.text, text);
	return report;
}

json_t *run_json_file(const char *path)
{
	char text[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	(void)read_file(fd, text, sizeof(text));
	close(fd);
	return run_json(text);
}

const char *run_json_string(const json_t *report, const char *key)
{
	const char *text = json_string_value(json_object_get(report, key));

	if (text == NULL)
		fail_msg("the report has no text \"%s\"", key);
	return text;
}

struct port_text run_port(uint16_t port)
{
	struct port_text text;

	(void)snprintf(text.text, sizeof(text.text), "%u", port);
	return text;
}

void run_assert_contains(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part) != NULL)
		return;
	print_error("\"%s\" is not in: %s\n", part, text);
	_fail(file, line);
}

/* -------------------------------------------------------------------------------- pattern -- */

/* A multiplicative hash of the offset, so that a lost, doubled or displaced byte shows. */
static unsigned char pattern_at(uint64_t offset)
{
	return (unsigned char)((offset * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

void run_pattern(void *buf, size_t len, uint64_t offset)
{
	unsigned char *at = buf;

	for (size_t i = 0; i < len; i++)
		at[i] = pattern_at(offset + i);
}

bool run_is_pattern(const void *buf, size_t len, uint64_t offset)
{
	const unsigned char *at = buf;

	for (size_t i = 0; i < len; i++) {
		if (at[i] != pattern_at(offset + i))
			return false;
	}
	return true;
}
