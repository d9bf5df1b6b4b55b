/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Many connections at once on one thread, with tlsfo and with GnuTLS alone, in turns:
 *
 *	bench-many [--runs N] [--most N] [--only calls|instructions|slow|counts] [--output DIRECTORY]
 *
 * Writes many.csv and many.md. Exit status 0: what is required was met; 1: it was not; 77: there is no lab.
 */

#include "many_report.h"
#include "many_run.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum { RUNS = 3, RUNS_MOST = 100, MOST = 10000, SLOW = 1000, CALLS_LESS = 10, CALLS_MORE = 110 };

struct settings {
	unsigned int runs;
	unsigned int most;
	const char *only;
	const char *directory;
};

static bool measure(struct many_rows *rows, const struct many_plan *plan, unsigned int run)
{
	struct many_row row;

	fprintf(stderr, "%u x %s%s, server %u us %u ms\n", plan->count, plan->way,
		plan->cookie ? "" : " without cookie", plan->take_us, plan->answer_ms);
	many_run(plan, &row);
	row.run = run;
	return many_rows_add(rows, &row);
}

/* The ways take turns in every run, so what else the machine does meets them all. */
static void measure_counts(struct many_rows *rows, const struct settings *settings)
{
	struct many_plan plan = {.cookie = true};
	unsigned int run;
	size_t i;

	for (plan.count = 1; plan.count <= settings->most; plan.count *= 10) {
		for (run = 0; run < settings->runs * MANY_WAYS; run++) {
			plan.way = many_ways[run % MANY_WAYS];
			measure(rows, &plan, run / MANY_WAYS + 1);
		}
	}
	plan.cookie = false;
	plan.count = SLOW;
	for (i = 0; i < MANY_WAYS; i++) {
		plan.way = many_ways[i];
		measure(rows, &plan, 1);
	}
}

static void measure_slow(struct many_rows *rows)
{
	static const struct {
		unsigned int take_us;
		unsigned int answer_ms;
	} slowness[] = {{2000, 0}, {0, 200}, {0, 1000}};
	struct many_plan plan = {.way = "client", .count = SLOW};
	size_t i;

	for (i = 0; i < 6; i++) {
		plan.cookie = i % 2 != 0;
		plan.take_us = slowness[i / 2].take_us;
		plan.answer_ms = slowness[i / 2].answer_ms;
		measure(rows, &plan, 1);
	}
	plan.stranger = true;
	measure(rows, &plan, 1);
}

/* One connection's system calls: what a hundred more of them cost. */
static bool count_calls(const char *directory, struct many_plan *plan, struct many_calls *ret_calls)
{
	struct many_calls calls[2];
	char path[4096];
	bool good = true;
	int i;

	snprintf(path, sizeof(path), "%s/many.strace", directory);
	plan->calls = path;
	plan->each = true;
	for (i = 0; i < 2 && good; i++) {
		struct many_row row;

		plan->count = i == 0 ? CALLS_LESS : CALLS_MORE;
		many_run(plan, &row);
		good = row.taken && row.result.failed == 0 && many_calls_read(path, &calls[i]);
		remove(path);
	}
	if (good)
		many_calls_subtract(&calls[1], &calls[0], CALLS_MORE - CALLS_LESS, ret_calls);
	return good;
}

static void measure_calls(struct many_counts *counts, const struct settings *settings)
{
	static const char *const ways[] = {"gnutls", "gnutls-fastopen", "transport", "client",
		"gnutls-blocking", "gnutls-fastopen-blocking", "transport-blocking"};
	size_t i;

	for (i = 0; i < MANY_COUNTS; i++) {
		struct many_count *count = &counts->list[i];
		struct many_plan plan = {.way = ways[i / 2], .cookie = i % 2 != 0};

		fprintf(stderr, "system calls of %s%s\n", plan.way,
			plan.cookie ? "" : " without cookie");
		count->way = plan.way;
		count->cookie = plan.cookie;
		count->taken = count_calls(settings->directory, &plan, &count->calls);
	}
}

/* One connection's instructions, in the same way. */
static double count_instructions(const char *directory, const char *way)
{
	char path[4096];
	struct many_plan plan = {.way = way, .each = true, .cookie = true, .instructions = path};
	double counted[2];
	int i;

	snprintf(path, sizeof(path), "%s/many.callgrind", directory);
	for (i = 0; i < 2; i++) {
		struct many_row row;

		plan.count = i == 0 ? CALLS_LESS : CALLS_MORE;
		many_run(&plan, &row);
		counted[i] = row.taken && row.result.failed == 0 ? many_instructions_read(path)
								 : (double)NAN;
		remove(path);
	}
	return (counted[1] - counted[0]) / (CALLS_MORE - CALLS_LESS);
}

static void measure_instructions(struct many_counts *counts, const struct settings *settings)
{
	size_t i;

	for (i = 0; i < MANY_WAYS; i++) {
		fprintf(stderr, "instructions of %s\n", many_ways[i]);
		counts->instructions[i] = count_instructions(settings->directory, many_ways[i]);
	}
}

static void read_settings(int argc, char **argv, struct settings *settings)
{
	static const struct option long_options[] = {{"runs", required_argument, NULL, 'r'},
		{"most", required_argument, NULL, 'm'}, {"only", required_argument, NULL, 'p'},
		{"output", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};
	int option;

	*settings = (struct settings){.runs = RUNS, .most = MOST, .directory = BENCH_DIR};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (option == 'r')
			settings->runs = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'm')
			settings->most = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'p')
			settings->only = optarg;
		else if (option == 'o')
			settings->directory = optarg;
		if (option == '?' || settings->runs == 0 || settings->runs > RUNS_MOST)
			exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct many_counts counts = {
		.instructions = {(double)NAN, (double)NAN, (double)NAN, (double)NAN}};
	struct many_rows rows = {0};
	struct settings settings;
	int status;

	read_settings(argc, argv, &settings);
	options_extend_path();
	if (options_want(settings.only, "calls"))
		measure_calls(&counts, &settings);
	if (options_want(settings.only, "instructions"))
		measure_instructions(&counts, &settings);
	if (options_want(settings.only, "slow"))
		measure_slow(&rows);
	if (options_want(settings.only, "counts"))
		measure_counts(&rows, &settings);
	status = many_report(settings.directory, settings.only, &rows, &counts);
	free(rows.list);
	return status;
}
