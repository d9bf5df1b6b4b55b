/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The time to the first byte of the response behind every middlebox of the lab. A first visit has
 * fetched a cookie while the path was clear; then the box is put into the wire and the client
 * comes again, to a name with addresses of both families, IPv6 first. A client that has no
 * response within the bound has no time.
 */

#include "box.h"
#include "course.h"
#include "options.h"
#include "visit.h"

#include <string.h>

enum { BOUND_MS = 6000, RTT_MS = 50 };

static const char *const compared[] = {
	"tlsfo-library", "gnutls-fastopen", "gnutls-cli", "curl", "wget2"};

enum { COMPARED = sizeof(compared) / sizeof(compared[0]) };

struct place {
	const char *box;     /* as lab_add_box() wants it; NULL: a clear path */
	const char *name;    /* in files and tables */
	bool from_the_start; /* the first visit passes through it too */
};

/*
 * A box of the table with the argument that is measured, and whether it is there from the start.
 */
static struct place place_of(const struct lab_box *kind, char *text, size_t size)
{
	struct place place = {.box = text, .name = text};

	if (strcmp(kind->name, "delay-synack") == 0)
		snprintf(text, size, "%s=200", kind->name);
	else if (strcmp(kind->name, "clamp-mss") == 0)
		snprintf(text, size, "%s=536", kind->name);
	else
		snprintf(text, size, "%s", kind->name);
	/* It makes cookies void as they are given out. */
	place.from_the_start = strcmp(kind->name, "server-key-change") == 0;
	return place;
}

static void measure(const struct options *options, const struct course *course,
	const struct place *place, const struct client *client, struct figure *figure)
{
	struct visit visit = {
		.lab = course->lab,
		.client = client,
		.scenario = SCENARIO_FIRST,
		.target = {"server.test", SERVER_PORT, course->directory},
		.bound_ms = BOUND_MS,
	};
	struct figure first = *figure;

	if (place->box && place->from_the_start)
		(void)lab_add_box(course->lab, place->box);
	visit_run(&visit, &first);
	if (place->box && !place->from_the_start)
		(void)lab_add_box(course->lab, place->box);
	visit.scenario = SCENARIO_COOKIE;
	visit_run(&visit, figure);
	figure_write(options->output, figure);
}

static void run_place(const struct options *options, const struct place *place, unsigned int run)
{
	const struct server *server = server_find("nginx", "1.3");
	size_t i;

	for (i = 0; i < COMPARED; i++) {
		const struct client *client = client_find(compared[i]);
		struct figure figure = course_figure(server, client, RTT_MS, run);
		struct course course;

		if (!options_want(options->only_client, client->name))
			continue;
		figure.family = FIGURE_BOTH;
		figure_word(figure.box, place->name);
		figure_word(figure.scenario, scenario_kinds[SCENARIO_COOKIE].name);
		course_begin(&course, server, RTT_MS);
		if (course.error == 0)
			measure(options, &course, place, client, &figure);
		else
			figure_write(options->output, &figure);
		course_end(&course);
	}
}

int main(int argc, char **argv)
{
	static const struct options_standard standard = {"middleboxes.csv", 1, 3};
	static const struct place clear = {.box = NULL, .name = "none"};
	struct options options;
	char text[FIGURE_WORD];
	unsigned int run;

	options_read(argc, argv, &standard, &options);
	if (options_want(options.only_box, clear.name)) {
		for (run = 1; run <= options.runs; run++)
			run_place(&options, &clear, run);
	}
	for (const struct lab_box *kind = lab_boxes(); kind->name; kind++) {
		struct place place = place_of(kind, text, sizeof(text));

		if (!options_want(options.only_box, kind->name))
			continue;
		fprintf(stderr, "%s\n", place.name);
		for (run = 1; run <= options.runs; run++)
			run_place(&options, &place, run);
	}
	return fclose(options.output) == EOF;
}
