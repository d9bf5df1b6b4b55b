/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_CALLS_H
#define TLSFO_BENCH_MANY_CALLS_H

/* System calls by name, as `strace -c` counts them. */

#include <stdbool.h>
#include <stddef.h>

struct many_call {
	char name[32];
	double count;
};

struct many_calls {
	struct many_call list[64];
	size_t used;
};

/* Reads the table that `strace -c -o` writes. False: there is none. */
bool many_calls_read(const char *path, struct many_calls *ret_calls);

/* What @more has beyond @less, for each of @by connections. Memory and the scheduler are left out: those calls
 * follow the heap and the clock, not the connection. */
void many_calls_subtract(const struct many_calls *more, const struct many_calls *less, double by,
	struct many_calls *ret_calls);

/* Instructions in user mode, as callgrind counts them; NaN: there is no such file. */
double many_instructions_read(const char *path);

double many_calls_of(const struct many_calls *calls, const char *name);
double many_calls_sum(const struct many_calls *calls);

#endif
