/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "options.h"

#include "figure.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { PATH_SIZE = 4096, RUNS_MOST = 1000, PRIORITY = -10 };

static const char usage[] =
	"usage: %s [OPTION]...\n"
	"  --full           every distance (10, 50, 200 ms), not only 50 ms\n"
	"  --rtt MS         this distance alone\n"
	"  --runs N         every measurement N times (%u; with --full %u)\n"
	"  --client NAME    this client alone\n"
	"  --server NAME    this server alone\n"
	"  --box NAME       this middlebox alone\n"
	"  --output FILE    where the figures go\n"
	"With TLSFO_BENCH_VERBOSE in the environment the programs' standard errors are shown.\n";

static const struct option long_options[] = {
	{"full", no_argument, NULL, 'f'},
	{"rtt", required_argument, NULL, 'd'},
	{"runs", required_argument, NULL, 'r'},
	{"client", required_argument, NULL, 'c'},
	{"server", required_argument, NULL, 's'},
	{"box", required_argument, NULL, 'b'},
	{"output", required_argument, NULL, 'o'},
	{NULL, 0, NULL, 0},
};

void options_extend_path(void)
{
	const char *path = getenv("PATH");
	const char *more = getenv("TLSFO_TEST_PATH");
	char extended[PATH_SIZE];

	snprintf(extended, sizeof(extended), "%s%s%s:/usr/sbin:/sbin",
		path ? path : "/usr/bin:/bin", more ? ":" : "", more ? more : "");
	setenv("PATH", extended, 1);
}

static bool read_option(int option, struct options *options, const char **output)
{
	switch (option) {
	case 'f':
		options->full = true;
		return true;
	case 'd':
		options->only_rtt_ms = strtod(optarg, NULL);
		return options->only_rtt_ms > 0;
	case 'r':
		options->runs = (unsigned int)strtoul(optarg, NULL, 10);
		return options->runs > 0 && options->runs <= RUNS_MOST;
	case 'c':
		options->only_client = optarg;
		return client_find(optarg) != NULL;
	case 's':
		options->only_server = optarg;
		return server_find(optarg, "1.3") != NULL;
	case 'b':
		options->only_box = optarg;
		return true;
	case 'o':
		*output = optarg;
		return true;
	default:
		return false;
	}
}

void options_read(
	int argc, char **argv, const struct options_standard *standard, struct options *ret_options)
{
	struct options options = {.runs = 0};
	char path[PATH_SIZE];
	const char *output = path;
	int option;

	snprintf(path, sizeof(path), "%s/%s", BENCH_DIR, standard->name);
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (!read_option(option, &options, &output)) {
			fprintf(stderr, usage, argv[0], standard->runs, standard->full_runs);
			exit(2);
		}
	}
	if (options.runs == 0)
		options.runs = options.full ? standard->full_runs : standard->runs;
	options.output = fopen(output, "we");
	if (!options.output) {
		perror(output);
		exit(2);
	}
	figure_write_names(options.output);
	options_extend_path();
	/* Servers and clients inherit it. Where it is not permitted, things are as they are. */
	(void)setpriority(PRIO_PROCESS, 0, PRIORITY);
	*ret_options = options;
}

bool options_want(const char *only, const char *name)
{
	return !only || strcmp(only, name) == 0;
}
