/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_REPORT_H
#define TLSFO_BENCH_MANY_REPORT_H

/* many.md and many.csv: medians, ratios, and what is required of them. */

#include "many_figures.h"

/* Writes what is required of the parts that were measured (@only; NULL: all). True: it was met. */
bool many_required(FILE *file, const char *only, const struct many_rows *rows,
	const struct many_counts *counts);

/* Writes both files; @only: what was measured, NULL: all, and all is required. Returns the exit status: 0 when everything required was met, 1, or 2 when a file
 * cannot be written. */
int many_report(const char *directory, const char *only, const struct many_rows *rows,
	const struct many_counts *counts);

#endif
