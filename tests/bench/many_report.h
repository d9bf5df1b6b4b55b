/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_REPORT_H
#define TLSFO_BENCH_MANY_REPORT_H

/* many.md and many.csv: medians, ratios, and what is required of them. */

#include "many_calls.h"
#include "many_run.h"

struct many_rows {
	struct many_row *list;
	size_t used;
	size_t room;
};

/* System calls of one connection, by way and with or without a cookie. */
enum { MANY_COUNTS = 14 };

struct many_count {
	const char *way;
	bool cookie;
	bool taken;
	struct many_calls calls;
};

struct many_counts {
	struct many_count list[MANY_COUNTS];
};

/* False: no memory. */
bool many_rows_add(struct many_rows *rows, const struct many_row *row);

/* Writes both files. Returns the exit status: 0 when everything required was met, 1, or 2 when a file
 * cannot be written. */
int many_report(
	const char *directory, const struct many_rows *rows, const struct many_counts *counts);

#endif
