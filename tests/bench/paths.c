/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What is required of tlsfo behind hostile paths, on lossy and on clean ones:
 *
 *	bench-paths [--runs N] [--visits N] [--only PATH] [--output DIRECTORY]
 *
 * Writes paths.csv and paths.md, which bench-report puts into its report. Exit status 0: what is
 * required was met; 1: it was not, or could not be measured; 77: there is no lab.
 */

#include "paths.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "options.h"

/* Each of the three names of the server twice. */
enum { RUNS = 6, RUNS_MOST = 1000, VISITS = 200, VISITS_MOST = 10000, PRIORITY = -10 };

static const char usage[] =
	"usage: %s [OPTION]...\n"
	"  --runs N         every visit that is timed N times (%d)\n"
	"  --visits N       connections at each loss and distance (%d)\n"
	"  --only PATH      this path alone: none, drop-syn-data, drop-syn-option, "
	"fake-ack-syn-data,\n"
	"                   swallow-server-data, rst-syn-data, swallow-after-syn, dead, loss, "
	"clean\n"
	"  --output DIR     where paths.csv and paths.md go\n"
	"With TLSFO_BENCH_VERBOSE in the environment the programs' standard errors are shown.\n";

static const struct option long_options[] = {
	{"runs", required_argument, NULL, 'r'},
	{"visits", required_argument, NULL, 'v'},
	{"only", required_argument, NULL, 'b'},
	{"output", required_argument, NULL, 'o'},
	{NULL, 0, NULL, 0},
};

static bool read_number(unsigned long most, unsigned int *ret_number)
{
	unsigned long number = strtoul(optarg, NULL, 10);

	*ret_number = (unsigned int)number;
	return number > 0 && number <= most;
}

static bool read_option(int option, struct paths *paths, const char **directory)
{
	switch (option) {
	case 'r':
		return read_number(RUNS_MOST, &paths->runs);
	case 'v':
		return read_number(VISITS_MOST, &paths->visits);
	case 'b':
		paths->only = optarg;
		return true;
	case 'o':
		*directory = optarg;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct paths paths = {.runs = RUNS, .visits = VISITS};
	const char *directory = BENCH_DIR;
	int option;
	int status;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (!read_option(option, &paths, &directory)) {
			fprintf(stderr, usage, argv[0], RUNS, VISITS);
			return 2;
		}
	}
	options_extend_path();
	/* Servers and clients inherit it. Where it is not permitted, things are as they are. */
	(void)setpriority(PRIO_PROCESS, 0, PRIORITY);
	paths_hostile(&paths);
	paths_swallow(&paths);
	paths_dead(&paths);
	paths_lossy(&paths);
	paths_clean(&paths);
	if (paths.time_count + paths.count_count == 0) {
		fprintf(stderr, "bench-paths: there is no path %s\n", paths.only);
		return 2;
	}
	status = paths_report(directory, &paths);
	free(paths.times);
	free(paths.counts);
	return status;
}
