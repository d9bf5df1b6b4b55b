/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the first SYN to the first byte of the response: every client, every server, over IPv4 and
 * IPv6, on a path without faults. The clients take turns in every run, so what else the machine
 * does meets them all.
 */

#include "course.h"
#include "options.h"
#include "visit.h"

#include <string.h>

enum { BOUND_MS = 10000 };

static const double distances[] = {50, 10, 200};

static const struct {
	int family;
	const char *host;
} families[] = {{4, "server4.test"}, {6, "server6.test"}};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

/* The visit before, which brings the ticket. */
static void prepare(const struct visit *visit, struct figure *figure)
{
	struct visit before = *visit;

	before.scenario = SCENARIO_TICKET;
	before.whole = true;
	visit_run(&before, figure);
}

static void measure(const struct options *options, const struct course *course,
	const struct client *client, struct figure *figure, size_t family, enum scenario scenario)
{
	struct visit visit = {
		.lab = course->lab,
		.client = client,
		.scenario = scenario,
		.target = {families[family].host, SERVER_PORT, course->directory},
		.bound_ms = BOUND_MS,
	};

	figure->family = families[family].family;
	figure_word(figure->scenario, scenario_kinds[scenario].name);
	figure_clear(figure);
	if (course->error == 0 && client_can(client, scenario)) {
		if (scenario_kinds[scenario].prepared)
			prepare(&visit, figure);
		visit_run(&visit, figure);
	}
	figure_write(options->output, figure);
}

static bool is_possible(
	const struct server *server, const struct client *client, enum scenario scenario)
{
	return client->ways[scenario].words && (scenario != SCENARIO_EARLY || server->early_data);
}

static void run_client(const struct options *options, const struct server *server,
	const struct client *client, double rtt_ms, unsigned int run)
{
	struct figure figure = course_figure(server, client, rtt_ms, run);
	struct course course;
	size_t family;
	int scenario;

	course_begin(&course, server, rtt_ms);
	for (family = 0; family < FAMILIES; family++) {
		for (scenario = 0; scenario < SCENARIOS; scenario++) {
			if (is_possible(server, client, (enum scenario)scenario))
				measure(options, &course, client, &figure, family,
					(enum scenario)scenario);
		}
	}
	course_end(&course);
}

static void run_server(const struct options *options, const struct server *server, double rtt_ms)
{
	const struct client *client;
	unsigned int run;

	fprintf(stderr, "%s, TLS %s, %g ms\n", server->name, server->tls, rtt_ms);
	for (run = 1; run <= options->runs; run++) {
		for (client = clients; client->name; client++) {
			if (options_want(options->only_client, client->name))
				run_client(options, server, client, rtt_ms, run);
		}
	}
}

static bool is_wanted(const struct options *options, size_t i)
{
	if (options->only_rtt_ms > 0)
		return !(
			options->only_rtt_ms < distances[i] || options->only_rtt_ms > distances[i]);
	return i == 0 || options->full;
}

int main(int argc, char **argv)
{
	static const struct options_standard standard = {"round-trips.csv", 9, 9};
	struct options options;
	const struct server *server;
	size_t i;

	options_read(argc, argv, &standard, &options);
	for (i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		if (!is_wanted(&options, i))
			continue;
		for (server = servers; server->name; server++) {
			if (options_want(options.only_server, server->name))
				run_server(&options, server, distances[i]);
		}
	}
	return fclose(options.output) == EOF;
}
