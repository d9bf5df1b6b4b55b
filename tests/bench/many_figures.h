/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_FIGURES_H
#define TLSFO_BENCH_MANY_FIGURES_H

/* What was measured, and what follows from it: medians, ratios, differences. NaN: it could not be taken. */

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

/* Ways of a thousand and more at once, in the order in which they take turns. */
enum { MANY_WAYS = 4 };
extern const char *const many_ways[MANY_WAYS];

struct many_counts {
	struct many_count list[MANY_COUNTS];
	double instructions[MANY_WAYS]; /* of a connection; NaN: not taken */
};

/* False: no memory. */
bool many_rows_add(struct many_rows *rows, const struct many_row *row);

/* What one figure is of a run, for each of its connections. */
typedef double (*many_figure)(const struct many_row *row);

double many_wall_us(const struct many_row *row);
double many_cpu_us(const struct many_row *row);
double many_heap_started(const struct many_row *row);
double many_heap_open(const struct many_row *row);
double many_fds_open(const struct many_row *row);
double many_attempts(const struct many_row *row);
double many_syns(const struct many_row *row);
double many_failed(const struct many_row *row);

/* What a plan's client has of the server, in words. */
const char *many_cookie(const struct many_plan *plan);

/* The median of all runs in which no connection failed. */
double many_figure_of(const struct many_rows *rows, const char *way, unsigned int count,
	bool cookie, many_figure figure);

/* CPU time of @way to that of @base: the median of the ratios of runs that took turns. */
double many_ratio_of(const struct many_rows *rows, const char *way, const char *base,
	unsigned int count, bool cookie);

/* The most connections at once. */
unsigned int many_most_of(const struct many_rows *rows);

/* A way, and the ways of GnuTLS alone that it is compared with: the first is the one required against. */
struct many_comparison {
	const char *way;
	const char *base;
	const char *other;
	double most; /* system calls more */
};

enum { MANY_COMPARED = 3 };
extern const struct many_comparison many_compared[MANY_COMPARED];

/* NULL: not taken. */
const struct many_count *many_count_of(
	const struct many_counts *counts, const char *way, bool cookie);

/* System calls that @way makes beyond those of @base. */
double many_more_calls(
	const struct many_counts *counts, const char *way, const char *base, bool cookie);

/* A cell of a table; a dash when there is no figure. */
void many_write_number(FILE *file, int decimals, double value);
void many_write_difference(FILE *file, double value);

#endif
