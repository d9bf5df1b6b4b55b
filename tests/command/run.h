/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_RUN_H
#define COMMAND_RUN_H

/*
 * Runs the command as a user would, and says how it ended. TLSFO_COMMAND names the program.
 *
 * With TLSFO_TEST_UNDER in the environment, such as "valgrind -q --error-exitcode=99", the command
 * runs under that program.
 *
 * The command's default store is in a directory of each run's own, which goes away with it: no run
 * knows what another one learnt, and nobody's home is touched. Tests that want otherwise say --store, or
 * give an environment.
 *
 * Start peers first: a child that is forked later would hold the command's pipes open.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>

/* How long a test waits for something that is to happen. */
#define RUN_PATIENCE_MS 60000

/* Arguments after "tlsfo". */
#define RUN_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* For run_start(): what to give the command instead of a descriptor. */
#define RUN_PIPE   (-1) /* a pipe whose other end the test gets */
#define RUN_CLOSED (-2) /* nothing: the descriptor is not open */

struct run {
	pid_t pid;
	int pidfd;
	int in;		    /* of its standard input, or -1 */
	int out;	    /* of its standard output, or -1 */
	int err;	    /* a file with its standard error */
	char state[64];	    /* its XDG_STATE_HOME; empty when the test gave an environment */
	char errors[16384]; /* what that holds, once run_wait() has returned */
};

/* Starts the command with @in and @out as standard input and output. */
void run_start(struct run *run, int in, int out, const char *const *args);

/* The same where it cannot see its own descriptors in /proc. */
void run_start_without_proc(struct run *run, int in, int out, const char *const *args);

/* The same with @environment, "NAME=value" or "NAME" to be without, in place of the directory of its
 * own; NULL at the end. */
void run_start_in(
	struct run *run, int in, int out, const char *const *environment, const char *const *args);

/* Closes the command's standard input, or sends it what is given and then closes it. */
void run_end_input(struct run *run);
void run_send(struct run *run, const void *data, size_t len);

/* Reads its standard output until it holds @len bytes and compares them. */
void run_expect_output(struct run *run, const void *data, size_t len);

/* What it wrote on standard error so far, as a string; valid until the next call. */
const char *run_errors(struct run *run);

/* Waits for the end, closes everything. Returns the exit status; -1 after a signal. */
int run_wait(struct run *run);

/* All of it in one: how it ended and what it wrote. */
struct outcome {
	int status;
	size_t length;
	char out[65536]; /* a string too */
	char err[16384];
};

/* Runs the command with @input, a string that fits a pipe, on its standard input. */
void run_command(struct outcome *outcome, const char *input, const char *const *args);

/* The same in an environment as for run_start_in(). */
void run_command_in(struct outcome *outcome, const char *input, const char *const *environment,
	const char *const *args);

/* A file with nothing in it, which goes away when closed. */
int run_file(void);

/* A file of the test's own, to be removed by run_remove(); @ret_path has room for 64 bytes. */
void run_path(char *ret_path);
void run_remove(const char *path);

/* An empty directory of the test's own, to be removed with all that is in it by
 * run_remove_directory(); @ret_path has room for 64 bytes. */
void run_directory(char *ret_path);
void run_remove_directory(const char *path);

/* A report in JSON from text or a file, and what stands in it under @key, or under @key in the
 * object @group. To be released with json_decref(). */
json_t *run_json(const char *text);
json_t *run_json_file(const char *path);
const char *run_json_string(const json_t *report, const char *key);

/* A port number as an argument. */
struct port_text {
	char text[8];
};
struct port_text run_port(uint16_t port);

#define assert_contains(text, part) run_assert_contains(text, part, __FILE__, __LINE__)
void run_assert_contains(const char *text, const char *part, const char *file, int line);

/* Bytes that do not repeat soon: those at @offset of an endless sequence. */
void run_pattern(void *buf, size_t len, uint64_t offset);
bool run_is_pattern(const void *buf, size_t len, uint64_t offset);

#endif
