/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_RESULT_H
#define TLSFO_BENCH_MANY_RESULT_H

/* What a client that opened many connections tells of them, as one line of text. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct many_result {
	uint64_t opened;
	uint64_t failed;
	uint64_t attempts;     /* sockets that were connected, or tried to */
	int64_t wall_us;       /* from the first start to the last that was open */
	int64_t cpu_us;	       /* of the thread, user and system */
	int64_t user_us;       /* of it in user mode */
	int64_t heap_started;  /* bytes allocated more than before, when all were started */
	int64_t heap_open;     /* the same when all were open */
	int64_t fds_started;   /* descriptors more than before, when all were started */
	int64_t fds_open;      /* the same when all were open */
	int64_t fds_most;      /* what the system allows */
	int64_t resident_peak; /* bytes */
};

/* The numbers in their order, with @between them, and a newline. */
void many_result_write(FILE *file, const struct many_result *result, char between);

/* Reads them with spaces between. False when there is no such line. */
bool many_result_read(FILE *file, struct many_result *ret_result);

#endif
