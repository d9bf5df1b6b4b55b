/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_PROBING_H
#define COMMAND_PROBING_H

/*
 * "tlsfo probe" in the lab: a server at a distance, a middlebox in between if wanted, and what the
 * command says of it.
 */

#include "command/run.h"

#include "support/program.h"
#include "support/suite.h"

#include "lab.h"

/* The server's port, as an argument. */
#define PROBING_PORT "4433"

struct probing {
	struct lab *lab;
	pid_t server;
	struct program nginx;	/* its files; no directory when it is another */
	struct outcome outcome; /* of the last probe */
	json_t *found;		/* its object */
};

/* Runs the tests with a fresh struct probing as *state each. Returns the exit status of main(); skips
 * the program where there can be no lab. */
int probing_run(const char *name, const struct CMUnitTest *tests, size_t count);

/* Makes the lab, and moves this thread to its client. @options may be NULL. */
void probing_begin(struct probing *probing, const struct lab_options *options);

/* Each starts the server: nginx with more lines for its configuration, or openssl s_server with more
 * arguments. They take tickets and allow no early data by themselves. */
void probing_nginx(struct probing *probing, const char *more);
void probing_openssl(struct probing *probing, const char *const *more);

/* The same with a program of the test's own choice, which listens on PROBING_PORT. */
void probing_server(struct probing *probing, const char *const *argv);

/* The same with the lab, a middlebox unless @box is NULL, and an nginx that takes early data. */
void probing_begin_nginx(struct probing *probing, const char *box);

/* Probes @host with --json and up to two more arguments, which may be NULL; it has to succeed.
 * Returns ->found. */
const json_t *probing_probe(
	struct probing *probing, const char *host, const char *option, const char *value);

/* The same as text, in ->outcome, of 80 columns at most. */
void probing_probe_text(struct probing *probing, const char *host);

/* What is found at @path, such as "hello.fits" or "visits.0.report"; has to be there. */
const json_t *probing_at(const struct probing *probing, const char *path);

/* Texts, numbers and truth at @path; a NULL text and a number of -1 stand for null. */
#define probing_expect_text(probing, path, text)                                                   \
	probing_expect_text_at(probing, path, text, __FILE__, __LINE__)
#define probing_expect_number(probing, path, number)                                               \
	probing_expect_number_at(probing, path, number, __FILE__, __LINE__)
#define probing_expect_true(probing, path, truth)                                                  \
	probing_expect_true_at(probing, path, truth, __FILE__, __LINE__)
void probing_expect_text_at(const struct probing *probing, const char *path, const char *text,
	const char *file, int line);
void probing_expect_number_at(
	const struct probing *probing, const char *path, int number, const char *file, int line);
void probing_expect_true_at(
	const struct probing *probing, const char *path, bool truth, const char *file, int line);

/* The change that says @what, or NULL. */
const json_t *probing_change(const struct probing *probing, const char *what);

#endif
