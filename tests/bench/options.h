/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_OPTIONS_H
#define TLSFO_BENCH_OPTIONS_H

/* The command line that the benchmarks share, and the file that they write. */

#include <stdbool.h>
#include <stdio.h>

#include "client.h"
#include "server.h"

struct options {
	bool full;	    /* every distance */
	unsigned int runs;  /* of every measurement */
	double only_rtt_ms; /* 0: not said */
	const char *only_client;
	const char *only_server;
	const char *only_box;
	FILE *output; /* with the line of names in it */
};

/* What holds where the command line says nothing. */
struct options_standard {
	const char *name; /* of the output */
	unsigned int runs;
	unsigned int full_runs; /* with --full */
};

/*
 * Reads the command line and opens the output: a file of that name in the directory of the
 * benchmarks, or what --output says. Also extends the search path and raises the priority of the process. Ends the process with 2 when
 * something is wrong.
 */
void options_read(int argc, char **argv, const struct options_standard *standard,
	struct options *ret_options);

/* Servers are often not in a user's path; TLSFO_TEST_PATH names more directories. */
void options_extend_path(void);

bool options_want(const char *only, const char *name);

#endif
