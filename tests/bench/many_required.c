/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_report.h"

#include <math.h>

#include "options.h"

enum { FEW = 100, THOUSAND = 1000, MOST = 10000 };

struct verdict {
	FILE *file;
	bool met;
};

static void require(
	struct verdict *verdict, const char *what, int decimals, double value, double most)
{
	bool met = value <= most; /* not for one that is missing */

	fprintf(verdict->file, "| %s |", what);
	many_write_number(verdict->file, decimals, value);
	fprintf(verdict->file, " %g | %s |\n", most, met ? "yes" : isnan(value) ? "missing" : "NO");
	verdict->met = verdict->met && met;
}

/* Sockets beyond one for each connection, for each slowness of the server and over all that have met it before. */
static void require_slow(struct verdict *verdict, const struct many_rows *rows)
{
	char what[256];
	double sum = 0;
	unsigned int opened = 0;
	size_t i;

	for (i = 0; i < rows->used; i++) {
		const struct many_row *row = &rows->list[i];
		const struct many_plan *plan = &row->plan;
		double more = (double)NAN;

		if (plan->take_us == 0 && plan->answer_ms == 0)
			continue;
		if (row->taken && row->result.failed == 0)
			more = (double)row->result.attempts - (double)plan->count;
		snprintf(what, sizeof(what),
			"second attempts of %u, server accepts in %u us, reads after %u ms, cookie "
			"%s",
			plan->count, plan->take_us, plan->answer_ms, many_cookie(plan));
		/* To strangers a slow server looks like a silent path: a few find out for all. */
		require(verdict, what, 0, more, plan->stranger ? 10 : 0);
		if (plan->stranger)
			continue;
		sum += more;
		opened += plan->count;
	}
	snprintf(what, sizeof(what), "second attempts of all %u, slow server", opened);
	require(verdict, what, 0, opened > 0 ? sum : (double)NAN, 0);
}

static void require_calls(struct verdict *verdict, const struct many_counts *counts)
{
	char what[256];
	size_t i;

	for (i = 0; i < MANY_COMPARED * 2; i++) {
		snprintf(what, sizeof(what), "system calls of %s beyond %s, cookie %s",
			many_compared[i / 2].way, many_compared[i / 2].base,
			i % 2 ? "known" : "unknown");
		require(verdict, what, 1,
			many_more_calls(counts, many_compared[i / 2].way, many_compared[i / 2].base,
				i % 2 != 0),
			many_compared[i / 2].most + 0.1);
	}
}

static void require_counts(struct verdict *verdict, const struct many_rows *rows)
{
	unsigned int most = many_most_of(rows);

	fprintf(verdict->file, "| connections open at once | %u | | %s |\n", most,
		most >= MOST ? "yes" : "NO: fewer were asked for");
	verdict->met = verdict->met && most >= MOST;
	require(verdict, "of them, failed", 0,
		many_figure_of(rows, "client", most, true, many_failed), 0);
	require(verdict, "time per connection, of 100", 2,
		many_figure_of(rows, "client", most, true, many_wall_us) /
			many_figure_of(rows, "client", FEW, true, many_wall_us),
		1.3);
	require(verdict, "CPU time per connection, of 100", 2,
		many_figure_of(rows, "client", most, true, many_cpu_us) /
			many_figure_of(rows, "client", FEW, true, many_cpu_us),
		1.3);
	require(verdict, "bytes beyond GnuTLS's, open", 0,
		many_figure_of(rows, "client", most, true, many_heap_open) -
			many_figure_of(rows, "gnutls", most, true, many_heap_open),
		4096);
	require(verdict, "bytes beyond GnuTLS's (with its ClientHello made), opening", 0,
		many_figure_of(rows, "client", most, true, many_heap_started) -
			many_figure_of(rows, "gnutls-fastopen", most, true, many_heap_started),
		4096);
	require(verdict, "CPU time, client to gnutls, at 1000", 3,
		many_ratio_of(rows, "client", "gnutls", THOUSAND, true), 1.05);
	require(verdict, "CPU time, transport to gnutls, at 1000", 3,
		many_ratio_of(rows, "transport", "gnutls", THOUSAND, true), 1.05);
}

bool many_required(FILE *file, const char *only, const struct many_rows *rows,
	const struct many_counts *counts)
{
	struct verdict verdict = {file, true};

	fputs("## Required of tlsfo\n\n| what | figure | at most | met |\n| --- | --- | --- | --- "
	      "|\n",
		file);
	if (options_want(only, "counts"))
		require_counts(&verdict, rows);
	if (options_want(only, "instructions"))
		require(&verdict, "instructions in user mode, client to gnutls", 3,
			counts->instructions[MANY_WAYS - 1] / counts->instructions[0], 1.05);
	if (options_want(only, "calls"))
		require_calls(&verdict, counts);
	if (options_want(only, "slow"))
		require_slow(&verdict, rows);
	return verdict.met;
}
