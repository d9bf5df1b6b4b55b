/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_report.h"

#include <inttypes.h>
#include <math.h>

#include "output.h"

enum { THOUSAND = 1000 };

static const char top[] =
	"# Many connections at once\n\n"
	"One thread opens them all with epoll, against a server on one other thread; in turns with "
	"tlsfo\n"
	"and with GnuTLS alone (`gnutls`: `connect` and poll by direction; `gnutls-fastopen`:\n"
	"`gnutls_transport_set_fastopen`; `transport`: tlsfo's transport rung; `client`: its "
	"client "
	"rung). All\n"
	"verify the same certificate; the client has a fast-open cookie unless said otherwise. "
	"Medians of\n"
	"all runs; a figure that could not be taken is a dash.\n\n";

static void name_one(FILE *file, const char *name, double more)
{
	if (more >= 0.05 || more <= -0.05)
		fprintf(file, " %s %+.2g,", name, more);
}

/* Each call that one has more or less of than the other. */
static void name_calls(FILE *file, const struct many_count *count, const struct many_count *base)
{
	size_t i;

	if (!count || !base) {
		fputs(" – |\n", file);
		return;
	}
	for (i = 0; i < count->calls.used; i++) {
		const struct many_call *call = &count->calls.list[i];

		name_one(file, call->name, call->count - many_calls_of(&base->calls, call->name));
	}
	for (i = 0; i < base->calls.used; i++) {
		const struct many_call *call = &base->calls.list[i];

		if (many_calls_of(&count->calls, call->name) < 0.05)
			name_one(file, call->name, -call->count);
	}
	fputs(" |\n", file);
}

static void write_calls(FILE *file, const struct many_counts *counts)
{
	size_t i;

	fputs("\n## System calls of a connection\n\n"
	      "Counted by strace, one connection after the other, closed at the end; calls for "
	      "memory left out.\n\n"
	      "| way | cookie | calls | more than GnuTLS with `connect` | more than "
	      "`gnutls_transport_set_fastopen` | which, against the former |\n"
	      "| --- | --- | --- | --- | --- | --- |\n",
		file);
	for (i = 0; i < MANY_COMPARED * 2; i++) {
		const char *way = many_compared[i / 2].way;
		const char *base = many_compared[i / 2].base;
		bool cookie = i % 2 != 0;
		const struct many_count *count = many_count_of(counts, way, cookie);

		fprintf(file, "| %s | %s |", way, cookie ? "known" : "unknown");
		many_write_number(file, 1, count ? many_calls_sum(&count->calls) : (double)NAN);
		many_write_difference(file, many_more_calls(counts, way, base, cookie));
		many_write_difference(
			file, many_more_calls(counts, way, many_compared[i / 2].other, cookie));
		name_calls(file, count, many_count_of(counts, base, cookie));
	}
}

/* ------------------------------------------------------------------------------- what it took -- */

static void write_instructions(FILE *file, const struct many_counts *counts)
{
	size_t i;

	fputs("\n## Instructions in user mode of a connection\n\n"
	      "Counted by callgrind, one connection after the other: what else the machine does "
	      "does not matter.\n\n"
	      "| way | million instructions | ratio to gnutls |\n| --- | --- | --- |\n",
		file);
	for (i = 0; i < MANY_WAYS; i++) {
		fprintf(file, "| %s |", many_ways[i]);
		many_write_number(file, 3, counts->instructions[i] / 1e6);
		many_write_number(file, 4, counts->instructions[i] / counts->instructions[0]);
		fputc('\n', file);
	}
}

static void write_count(FILE *file, const struct many_rows *rows, unsigned int count, bool cookie)
{
	const char *const *ways = many_ways;
	size_t i;

	for (i = 0; i < MANY_WAYS; i++) {
		fprintf(file, "| %u%s | %s |", count, cookie ? "" : ", no cookie", ways[i]);
		many_write_number(
			file, 0, many_figure_of(rows, ways[i], count, cookie, many_failed));
		many_write_number(
			file, 0, many_figure_of(rows, ways[i], count, cookie, many_wall_us));
		many_write_number(
			file, 0, many_figure_of(rows, ways[i], count, cookie, many_cpu_us));
		many_write_number(file, 3, many_ratio_of(rows, ways[i], "gnutls", count, cookie));
		many_write_number(
			file, 0, many_figure_of(rows, ways[i], count, cookie, many_heap_started));
		many_write_number(
			file, 0, many_figure_of(rows, ways[i], count, cookie, many_heap_open));
		many_write_number(
			file, 3, many_figure_of(rows, ways[i], count, cookie, many_fds_open));
		many_write_number(
			file, 3, many_figure_of(rows, ways[i], count, cookie, many_attempts));
		many_write_number(file, 3, many_figure_of(rows, ways[i], count, cookie, many_syns));
		fputc('\n', file);
	}
}

static void write_counts(FILE *file, const struct many_rows *rows)
{
	unsigned int count;

	fputs("\n## What a connection takes\n\n"
	      "Microseconds; bytes on the heap when all were started and when all were open; the "
	      "rest for each\n"
	      "connection. `gnutls` has made no ClientHello yet when all were started.\n\n"
	      "| connections | way | failed | time | CPU time | CPU, ratio to gnutls | heap, "
	      "started | "
	      "heap, open | descriptors | attempts | SYNs |\n"
	      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
		file);
	for (count = 1; count <= many_most_of(rows); count *= 10)
		write_count(file, rows, count, true);
	write_count(file, rows, THOUSAND, false);
}

static void write_slow(FILE *file, const struct many_rows *rows)
{
	size_t i;

	fputs("\n## A slow server\n\n"
	      "Either it takes so long to accept each connection, or it lets so much time pass "
	      "until "
	      "it reads.\n\n"
	      "| server | cookie | opened | failed | second attempts | SYNs beyond one each |\n"
	      "| --- | --- | --- | --- | --- | --- |\n",
		file);
	for (i = 0; i < rows->used; i++) {
		const struct many_row *row = &rows->list[i];
		const struct many_result *result = &row->result;

		if (row->plan.take_us == 0 && row->plan.answer_ms == 0)
			continue;
		fprintf(file, "| accepts in %u us, reads after %u ms | %s |", row->plan.take_us,
			row->plan.answer_ms, many_cookie(&row->plan));
		if (row->taken)
			fprintf(file, " %" PRIu64 " | %" PRIu64 " | %" PRId64 " | %ld |\n",
				result->opened, result->failed,
				(int64_t)result->attempts - (int64_t)row->plan.count,
				(long)row->syns - (long)row->plan.count);
		else
			fputs(" – | – | – | – |\n", file);
	}
}

static void write_csv(FILE *file, const struct many_rows *rows)
{
	size_t i;

	fputs("way,connections,cookie,take_us,answer_ms,run,syns,opened,failed,attempts,wall_us,"
	      "cpu_us,user_us,heap_started,heap_open,fds_started,fds_open,fds_most,"
	      "resident_peak\n",
		file);
	for (i = 0; i < rows->used; i++) {
		const struct many_row *row = &rows->list[i];

		fprintf(file, "%s,%u,%d,%u,%u,%u,", row->plan.way, row->plan.count,
			row->plan.cookie, row->plan.take_us, row->plan.answer_ms, row->run);
		if (row->taken) {
			fprintf(file, "%zu,", row->syns);
			many_result_write(file, &row->result, ',');
		} else {
			fputs(",,,,,,,,,,,,\n", file);
		}
	}
}

int many_report(const char *directory, const char *only, const struct many_rows *rows,
	const struct many_counts *counts)
{
	FILE *csv = output_create(directory, "many.csv");
	FILE *file = output_create(directory, "many.md");
	bool met = false;
	bool written = csv && file;

	if (csv) {
		write_csv(csv, rows);
		written = fclose(csv) != EOF && written;
	}
	if (file) {
		fputs(top, file);
		met = many_required(file, only, rows, counts);
		write_counts(file, rows);
		write_slow(file, rows);
		write_calls(file, counts);
		write_instructions(file, counts);
		written = fclose(file) != EOF && written;
	}
	return !written ? 2 : !met;
}
