/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "median.h"

enum { VALUES = 128 };

const char *const many_ways[MANY_WAYS] = {"gnutls", "gnutls-fastopen", "transport", "client"};

bool many_rows_add(struct many_rows *rows, const struct many_row *row)
{
	size_t room = rows->room ? rows->room * 2 : 64;
	struct many_row *list;

	if (rows->used == rows->room) {
		list = reallocarray(rows->list, room, sizeof(*list));
		if (!list)
			return false;
		rows->list = list;
		rows->room = room;
	}
	rows->list[rows->used++] = *row;
	return true;
}

/* -------------------------------------------------------------------------- one figure each -- */

static double each_of(const struct many_row *row, double value)
{
	return value / (double)row->plan.count;
}

double many_wall_us(const struct many_row *row)
{
	return each_of(row, (double)row->result.wall_us);
}

double many_cpu_us(const struct many_row *row)
{
	return each_of(row, (double)row->result.cpu_us);
}

double many_heap_started(const struct many_row *row)
{
	return each_of(row, (double)row->result.heap_started);
}

double many_heap_open(const struct many_row *row)
{
	return each_of(row, (double)row->result.heap_open);
}

double many_fds_open(const struct many_row *row)
{
	return each_of(row, (double)row->result.fds_open);
}

double many_attempts(const struct many_row *row)
{
	return each_of(row, (double)row->result.attempts);
}

double many_syns(const struct many_row *row)
{
	return each_of(row, (double)row->syns);
}

double many_failed(const struct many_row *row)
{
	return (double)row->result.failed;
}

static bool is_of(const struct many_row *row, const char *way, unsigned int count, bool cookie)
{
	return row->taken && strcmp(row->plan.way, way) == 0 && row->plan.count == count &&
	       row->plan.cookie == cookie && row->plan.take_us == 0 && row->plan.answer_ms == 0;
}

const char *many_cookie(const struct many_plan *plan)
{
	if (plan->stranger)
		return "of another process";
	return plan->cookie ? "known" : "unknown";
}

/* A run in which connections failed tells nothing but that. */
double many_figure_of(const struct many_rows *rows, const char *way, unsigned int count,
	bool cookie, many_figure figure)
{
	double values[VALUES];
	size_t used = 0;
	size_t i;

	for (i = 0; i < rows->used && used < VALUES; i++) {
		const struct many_row *row = &rows->list[i];

		if (is_of(row, way, count, cookie) &&
			(row->result.failed == 0 || figure == many_failed))
			values[used++] = figure(row);
	}
	return median_of(values, used);
}

/* The median of the ratios of runs that took turns. */
double many_ratio_of(const struct many_rows *rows, const char *way, const char *base,
	unsigned int count, bool cookie)
{
	double values[VALUES];
	size_t used = 0;
	size_t i;
	size_t j;

	for (i = 0; i < rows->used && used < VALUES; i++) {
		const struct many_row *row = &rows->list[i];

		for (j = 0; j < rows->used && is_of(row, way, count, cookie); j++) {
			const struct many_row *other = &rows->list[j];

			if (other->run == row->run && is_of(other, base, count, cookie) &&
				row->result.failed == 0 && used < VALUES)
				values[used++] = many_cpu_us(row) / many_cpu_us(other);
		}
	}
	return median_of(values, used);
}

/* ------------------------------------------------------------------------------ system calls -- */

const struct many_count *many_count_of(
	const struct many_counts *counts, const char *way, bool cookie)
{
	size_t i;

	for (i = 0; i < MANY_COUNTS; i++) {
		const struct many_count *count = &counts->list[i];

		if (count->taken && strcmp(count->way, way) == 0 && count->cookie == cookie)
			return count;
	}
	return NULL;
}

const struct many_comparison many_compared[MANY_COMPARED] = {
	{"transport", "gnutls", "gnutls-fastopen", 5},
	{"transport-blocking", "gnutls-blocking", "gnutls-fastopen-blocking", 7},
	{"client", "gnutls", "gnutls-fastopen", 10},
};

double many_more_calls(
	const struct many_counts *counts, const char *way, const char *base, bool cookie)
{
	const struct many_count *count = many_count_of(counts, way, cookie);
	const struct many_count *other = many_count_of(counts, base, cookie);

	if (!count || !other)
		return (double)NAN;
	return many_calls_sum(&count->calls) - many_calls_sum(&other->calls);
}

/* With so many decimals. */
void many_write_number(FILE *file, int decimals, double value)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %.*f |", decimals, value);
}

void many_write_difference(FILE *file, double value)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %+.1f |", value);
}

unsigned int many_most_of(const struct many_rows *rows)
{
	unsigned int most = 0;
	size_t i;

	for (i = 0; i < rows->used; i++)
		most = rows->list[i].plan.count > most ? rows->list[i].plan.count : most;
	return most;
}
