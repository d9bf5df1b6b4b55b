/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

#include <math.h>
#include <string.h>

#include "client.h"
#include "server.h"

static const int families[] = {4, 6};

enum { FAMILIES = 2 };

/* A figure that could not be taken is a dash. */
static void write_cell(FILE *file, double value, int digits)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %.*f |", digits, value);
}

/*
 * ------------------------------------------------------------------------------ round trips --
 */

static void write_head(FILE *file, const struct figures *figures, struct figure_key key)
{
	size_t columns = 0;
	size_t i;

	fputs("| client |", file);
	for (i = 0; i < SCENARIOS * FAMILIES; i++) {
		key.scenario = scenario_kinds[i % SCENARIOS].name;
		key.family = families[i / SCENARIOS];
		if (!figures_any(figures, &key))
			continue;
		fprintf(file, " IPv%d, %s |", key.family, scenario_kinds[i % SCENARIOS].title);
		columns++;
	}
	fputs("\n| --- |", file);
	for (i = 0; i < columns; i++)
		fputs(" ---: |", file);
	fputc('\n', file);
}

static void write_client(FILE *file, const struct figures *figures, const struct client *client,
	struct figure_key key)
{
	size_t i;

	fprintf(file, "| %s |", client->title);
	for (i = 0; i < SCENARIOS * FAMILIES; i++) {
		key.scenario = scenario_kinds[i % SCENARIOS].name;
		key.family = families[i / SCENARIOS];
		key.client = NULL;
		if (!figures_any(figures, &key))
			continue;
		key.client = client->name;
		write_cell(file, figures_median(figures, &key, FIGURE_ROUND_TRIPS), 2);
	}
	fputc('\n', file);
}

static void write_server(
	FILE *file, const struct figures *figures, const struct server *server, double rtt_ms)
{
	const struct client *client;
	struct figure_key key = {
		.server = server->name,
		.tls = server->tls,
		.family = -1,
		.rtt_ms = rtt_ms,
		.box = "none",
	};

	if (!figures_any(figures, &key))
		return;
	fprintf(file, "### %s, TLS %s, %g ms\n\n", server->name, server->tls, rtt_ms);
	write_head(file, figures, key);
	for (client = clients; client->name; client++)
		write_client(file, figures, client, key);
	fputc('\n', file);
}

void report_round_trips(FILE *file, const struct figures *figures)
{
	static const double distances[] = {50, 10, 200};
	const struct server *server;
	size_t i;

	for (i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		for (server = servers; server->name; server++)
			write_server(file, figures, server, distances[i]);
	}
}

/*
 * ------------------------------------------------------------------------------ middleboxes --
 */

static void write_box(FILE *file, const struct figures *figures, const char *box)
{
	const struct client *client;
	struct figure_key key = {.family = FIGURE_BOTH, .box = box};

	fprintf(file, "| %s |", box);
	for (client = clients; client->name; client++) {
		key.client = client->name;
		if (report_is_compared(figures, client->name))
			write_cell(file, figures_median(figures, &key, FIGURE_MS), 0);
	}
	fputc('\n', file);
}

void report_middleboxes(FILE *file, const struct figures *figures)
{
	const struct client *client;
	const char *last = "";
	const char *rule = "\n| --- |";
	size_t i;

	fputs("| in the middle |", file);
	for (client = clients; client->name; client++) {
		if (report_is_compared(figures, client->name))
			fprintf(file, " %s |", client->title);
	}
	for (client = clients; client->name; client++) {
		if (report_is_compared(figures, client->name)) {
			fprintf(file, "%s ---: |", rule);
			rule = "";
		}
	}
	fputc('\n', file);
	for (i = 0; i < figures->count; i++) {
		const struct figure *figure = &figures->list[i];

		if (figure->family != FIGURE_BOTH || strcmp(figure->box, last) == 0)
			continue;
		last = figure->box;
		write_box(file, figures, last);
	}
	fputc('\n', file);
}

/*
 * ----------------------------------------------------------------------------- requirements --
 */

/* Nothing is required of others; they are shown beside. */
#define ANYTHING ((double)INFINITY)

static const struct requirement {
	const char *tls;
	const char *client;
	enum scenario scenario;
	double most;
} requirements[] = {
	{"1.3", "tlsfo-library", SCENARIO_FIRST, 3.1},
	{"1.3", "tlsfo-library", SCENARIO_COOKIE, 2.1},
	{"1.3", "tlsfo-transport", SCENARIO_FIRST, 3.1},
	{"1.3", "tlsfo-transport", SCENARIO_COOKIE, 2.1},
	{"1.3", "tlsfo-library", SCENARIO_EARLY, 1.1},
	{"1.3", "tlsfo-transport", SCENARIO_EARLY, 1.1},
	{"1.3", "tlsfo-nonblocking", SCENARIO_EARLY, 1.1},
	{"1.3", "tlsfo-command", SCENARIO_EARLY, 1.1},
	{"1.2", "tlsfo-library", SCENARIO_COOKIE, 2.1},
	{"1.2", "tlsfo-library", SCENARIO_TICKET, 2.1},
	{"1.2", "tlsfo-transport", SCENARIO_TICKET, 2.1},
	{"1.2", "tlsfo-nonblocking", SCENARIO_TICKET, 2.1},
	{"1.2", "tlsfo-command", SCENARIO_TICKET, 2.1},
	{"1.3", "gnutls-plain", SCENARIO_EARLY, ANYTHING},
	{"1.3", "gnutls-fastopen", SCENARIO_EARLY, ANYTHING},
	{"1.2", "gnutls-fastopen", SCENARIO_TICKET, ANYTHING},
};

/* Were programs there to measure it? */
static bool was_tried(const struct figures *figures, const struct figure_key *key)
{
	size_t i;

	for (i = 0; i < figures->count; i++) {
		if (figure_matches(&figures->list[i], key) &&
			strcmp(figures->list[i].outcome, "missing") != 0)
			return true;
	}
	return false;
}

/* Early data that was taken, and not all of it in the SYN. */
static bool was_left_behind(const struct figures *figures, const struct figure_key *key)
{
	size_t i;

	for (i = 0; i < figures->count; i++) {
		const struct figure *figure = &figures->list[i];

		if (figure_matches(figure, key) && figure->early_in_syn < figure->early_bytes)
			return true;
	}
	return false;
}

static bool write_requirement(FILE *file, const struct figures *figures,
	const struct requirement *requirement, int family)
{
	struct figure_key key = {
		.server = REPORT_SERVER,
		.tls = requirement->tls,
		.family = family,
		.rtt_ms = REPORT_RTT_MS,
		.scenario = scenario_kinds[requirement->scenario].name,
		.client = requirement->client,
	};
	double median = figures_median(figures, &key, FIGURE_ROUND_TRIPS);
	bool required = !isinf(requirement->most);
	bool missed = required && ((was_tried(figures, &key) && !(median <= requirement->most)) ||
					  was_left_behind(figures, &key));
	const char *verdict = !required ? "" : isnan(median) ? " –" : " met";

	fprintf(file, "| %s | %s | IPv%d | %s |", client_find(key.client)->title, key.tls, family,
		scenario_kinds[requirement->scenario].title);
	write_cell(file, required ? requirement->most : (double)NAN, 1);
	write_cell(file, median, 2);
	write_cell(file, figures_least(figures, &key, FIGURE_ROUND_TRIPS), 2);
	fprintf(file, "%s |\n", missed ? " **missed**" : verdict);
	return !missed;
}

bool report_required(FILE *file, const struct figures *figures)
{
	bool met = true;
	size_t i;

	fputs("| client | TLS | family | visit | at most | median | least | |\n"
	      "| --- | --- | --- | --- | ---: | ---: | ---: | --- |\n",
		file);
	for (i = 0; i < sizeof(requirements) / sizeof(requirements[0]) * FAMILIES; i++) {
		if (!write_requirement(
			    file, figures, &requirements[i / FAMILIES], families[i % FAMILIES]))
			met = false;
	}
	fputc('\n', file);
	return met;
}
