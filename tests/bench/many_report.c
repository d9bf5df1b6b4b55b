/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096, VALUES = 128, FEW = 100, THOUSAND = 1000 };

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

typedef double (*figure_fn)(const struct many_row *row);

static double each_of(const struct many_row *row, double value)
{
	return value / (double)row->plan.count;
}

static double wall_us(const struct many_row *row)
{
	return each_of(row, (double)row->result.wall_us);
}

static double cpu_us(const struct many_row *row)
{
	return each_of(row, (double)row->result.cpu_us);
}

static double heap_started(const struct many_row *row)
{
	return each_of(row, (double)row->result.heap_started);
}

static double heap_open(const struct many_row *row)
{
	return each_of(row, (double)row->result.heap_open);
}

static double fds_open(const struct many_row *row)
{
	return each_of(row, (double)row->result.fds_open);
}

static double attempts(const struct many_row *row)
{
	return each_of(row, (double)row->result.attempts);
}

static double syns(const struct many_row *row)
{
	return each_of(row, (double)row->syns);
}

static double failed(const struct many_row *row)
{
	return (double)row->result.failed;
}

static int compare(const void *a, const void *b)
{
	const double *left = a;
	const double *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *values, size_t count)
{
	if (count == 0)
		return (double)NAN;
	qsort(values, count, sizeof(values[0]), compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static bool is_of(const struct many_row *row, const char *way, unsigned int count, bool cookie)
{
	return row->taken && strcmp(row->plan.way, way) == 0 && row->plan.count == count &&
	       row->plan.cookie == cookie && row->plan.take_us == 0 && row->plan.answer_ms == 0;
}

/* A run in which connections failed tells nothing but that. */
static double figure_of(const struct many_rows *rows, const char *way, unsigned int count,
	bool cookie, figure_fn figure)
{
	double values[VALUES];
	size_t used = 0;
	size_t i;

	for (i = 0; i < rows->used && used < VALUES; i++) {
		const struct many_row *row = &rows->list[i];

		if (is_of(row, way, count, cookie) && (row->result.failed == 0 || figure == failed))
			values[used++] = figure(row);
	}
	return median(values, used);
}

/* The median of the ratios of runs that took turns. */
static double ratio_of(const struct many_rows *rows, const char *way, const char *base,
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
				values[used++] = cpu_us(row) / cpu_us(other);
		}
	}
	return median(values, used);
}

/* ------------------------------------------------------------------------------ system calls -- */

static const struct many_count *count_of(
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

/* Way, and the ways of GnuTLS alone that it is compared with: the first is the one required against. */
static const struct {
	const char *way;
	const char *base;
	const char *other;
	double most;
} compared[] = {
	{"transport", "gnutls", "gnutls-fastopen", 3},
	{"transport-blocking", "gnutls-blocking", "gnutls-fastopen-blocking", 3},
	{"client", "gnutls", "gnutls-fastopen", 8},
};

enum { COMPARED = sizeof(compared) / sizeof(compared[0]) };

static double more_calls(
	const struct many_counts *counts, const char *way, const char *base, bool cookie)
{
	const struct many_count *count = count_of(counts, way, cookie);
	const struct many_count *other = count_of(counts, base, cookie);

	if (!count || !other)
		return (double)NAN;
	return many_calls_sum(&count->calls) - many_calls_sum(&other->calls);
}

/* With so many decimals. */
static void write_number(FILE *file, int decimals, double value)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %.*f |", decimals, value);
}

static void write_difference(FILE *file, double value)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %+.1f |", value);
}

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
	for (i = 0; i < COMPARED * 2; i++) {
		const char *way = compared[i / 2].way;
		const char *base = compared[i / 2].base;
		bool cookie = i % 2 != 0;
		const struct many_count *count = count_of(counts, way, cookie);

		fprintf(file, "| %s | %s |", way, cookie ? "known" : "unknown");
		write_number(file, 1, count ? many_calls_sum(&count->calls) : (double)NAN);
		write_difference(file, more_calls(counts, way, base, cookie));
		write_difference(file, more_calls(counts, way, compared[i / 2].other, cookie));
		name_calls(file, count, count_of(counts, base, cookie));
	}
}

/* ------------------------------------------------------------------------------- what it took -- */

static void write_count(FILE *file, const struct many_rows *rows, unsigned int count, bool cookie)
{
	static const char *const ways[] = {"gnutls", "gnutls-fastopen", "transport", "client"};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		fprintf(file, "| %u%s | %s |", count, cookie ? "" : ", no cookie", ways[i]);
		write_number(file, 0, figure_of(rows, ways[i], count, cookie, failed));
		write_number(file, 0, figure_of(rows, ways[i], count, cookie, wall_us));
		write_number(file, 0, figure_of(rows, ways[i], count, cookie, cpu_us));
		write_number(file, 3, ratio_of(rows, ways[i], "gnutls", count, cookie));
		write_number(file, 0, figure_of(rows, ways[i], count, cookie, heap_started));
		write_number(file, 0, figure_of(rows, ways[i], count, cookie, heap_open));
		write_number(file, 3, figure_of(rows, ways[i], count, cookie, fds_open));
		write_number(file, 3, figure_of(rows, ways[i], count, cookie, attempts));
		write_number(file, 3, figure_of(rows, ways[i], count, cookie, syns));
		fputc('\n', file);
	}
}

static unsigned int most_of(const struct many_rows *rows)
{
	unsigned int most = 0;
	size_t i;

	for (i = 0; i < rows->used; i++)
		most = rows->list[i].plan.count > most ? rows->list[i].plan.count : most;
	return most;
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
	for (count = 1; count <= most_of(rows); count *= 10)
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
			row->plan.answer_ms, row->plan.cookie ? "known" : "unknown");
		if (row->taken)
			fprintf(file, " %" PRIu64 " | %" PRIu64 " | %" PRId64 " | %ld |\n",
				result->opened, result->failed,
				(int64_t)result->attempts - (int64_t)row->plan.count,
				(long)row->syns - (long)row->plan.count);
		else
			fputs(" – | – | – | – |\n", file);
	}
}

/* ------------------------------------------------------------------------------- requirements -- */

struct verdict {
	FILE *file;
	bool met;
};

static void require(
	struct verdict *verdict, const char *what, int decimals, double value, double most)
{
	bool met = value <= most; /* not for one that is missing */

	fprintf(verdict->file, "| %s |", what);
	write_number(verdict->file, decimals, value);
	fprintf(verdict->file, " %g | %s |\n", most, met ? "yes" : isnan(value) ? "missing" : "NO");
	verdict->met = verdict->met && met;
}

/* Sockets beyond one for each connection, over all runs with a slow server; of what a path that swallows data
 * looks the same as (@answer_ms beyond the grace time), only without a cookie. */
static double needless(const struct many_rows *rows)
{
	double sum = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < rows->used; i++) {
		const struct many_row *row = &rows->list[i];

		if (row->plan.take_us == 0 && row->plan.answer_ms == 0)
			continue;
		if (!row->taken || row->result.failed > 0)
			return (double)NAN;
		any = true;
		sum += (double)row->result.attempts - (double)row->plan.count;
	}
	return any ? sum : (double)NAN;
}

static void require_calls(struct verdict *verdict, const struct many_counts *counts)
{
	char what[256];
	size_t i;

	for (i = 0; i < COMPARED * 2; i++) {
		snprintf(what, sizeof(what), "system calls of %s beyond %s, cookie %s",
			compared[i / 2].way, compared[i / 2].base, i % 2 ? "known" : "unknown");
		require(verdict, what, 1,
			more_calls(counts, compared[i / 2].way, compared[i / 2].base, i % 2 != 0),
			compared[i / 2].most + 0.1);
	}
}

static bool write_required(
	FILE *file, const struct many_rows *rows, const struct many_counts *counts)
{
	struct verdict verdict = {file, true};
	unsigned int most = most_of(rows);
	double few = figure_of(rows, "client", FEW, true, wall_us);

	fprintf(file, "## Required of tlsfo\n\n| what | figure | at most | met |\n| --- | --- | "
		      "--- | --- "
		      "|\n");
	fprintf(file, "| connections open at once | %u | | %s |\n", most,
		most >= 10000 ? "yes" : "NO: fewer were asked for");
	verdict.met = most >= 10000;
	require(&verdict, "of them, failed", 0, figure_of(rows, "client", most, true, failed), 0);
	require(&verdict, "time per connection, of 100", 2,
		figure_of(rows, "client", most, true, wall_us) / few, 1.3);
	require(&verdict, "CPU time per connection, of 100", 2,
		figure_of(rows, "client", most, true, cpu_us) /
			figure_of(rows, "client", FEW, true, cpu_us),
		1.3);
	require(&verdict, "bytes beyond GnuTLS's, open", 0,
		figure_of(rows, "client", most, true, heap_open) -
			figure_of(rows, "gnutls", most, true, heap_open),
		4096);
	require(&verdict, "bytes beyond GnuTLS's (with its ClientHello made), opening", 0,
		figure_of(rows, "client", most, true, heap_started) -
			figure_of(rows, "gnutls-fastopen", most, true, heap_started),
		4096);
	require(&verdict, "CPU time, client to gnutls, at 1000", 3,
		ratio_of(rows, "client", "gnutls", THOUSAND, true), 1.05);
	require(&verdict, "CPU time, transport to gnutls, at 1000", 3,
		ratio_of(rows, "transport", "gnutls", THOUSAND, true), 1.05);
	require_calls(&verdict, counts);
	require(&verdict, "second attempts, slow server", 0, needless(rows), 0);
	return verdict.met;
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

static FILE *create(const char *directory, const char *name)
{
	char path[PATH_SIZE];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file)
		perror(path);
	return file;
}

int many_report(
	const char *directory, const struct many_rows *rows, const struct many_counts *counts)
{
	FILE *csv = create(directory, "many.csv");
	FILE *file = create(directory, "many.md");
	bool met = false;
	bool written = csv && file;

	if (csv) {
		write_csv(csv, rows);
		written = fclose(csv) != EOF && written;
	}
	if (file) {
		fputs(top, file);
		met = write_required(file, rows, counts);
		write_counts(file, rows);
		write_slow(file, rows);
		write_calls(file, counts);
		written = fclose(file) != EOF && written;
	}
	return !written ? 2 : !met;
}
