/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report.h"

#include <math.h>
#include <string.h>

#include "client.h"

/* The best is drawn first, in the one strong colour. */
static const char *const colours[] = {"#0b6e4f", "#3aa17e", "#9bd0bb", "#8c2f39", "#c8553d",
	"#e09f3e", "#577590", "#a3b4c4", "#6d597a"};

enum { COLOURS = sizeof(colours) / sizeof(colours[0]) };

/* gnuplot refuses to draw what has no value at all. */
static bool has_time(const struct figures *figures, const struct figure_key *key)
{
	size_t i;

	for (i = 0; i < figures->count; i++) {
		if (figure_matches(&figures->list[i], key) && !isnan(figures->list[i].ms))
			return true;
	}
	return false;
}

static bool is_drawn(const struct figures *figures, const struct client *client)
{
	struct figure_key key = {.family = FIGURE_BOTH, .client = client->name};

	return has_time(figures, &key);
}

static void write_value(FILE *file, double value)
{
	if (isnan(value))
		fputs(" NaN", file);
	else
		fprintf(file, " %.3f", value);
}

/* gnuplot takes an underscore for a subscript. */
static void write_title(FILE *file, const char *title)
{
	fputc('"', file);
	for (; *title; title++) {
		if (*title == '_')
			fputs("\\\\", file);
		fputc(*title, file);
	}
	fputc('"', file);
}

/*
 * ------------------------------------------------------------------------------ round trips --
 */

static void write_round_trip_data(FILE *file, const struct figures *figures)
{
	static const enum scenario shown[] = {SCENARIO_FIRST, SCENARIO_COOKIE, SCENARIO_EARLY};
	const struct client *client;
	struct figure_key key = {
		.server = REPORT_SERVER, .tls = "1.3", .rtt_ms = REPORT_RTT_MS, .box = "none"};
	size_t i;

	fputs("$trips << END\n", file);
	for (client = clients; client->name; client++) {
		write_title(file, client->title);
		key.client = client->name;
		for (i = 0; i < 6; i++) {
			key.scenario = scenario_kinds[shown[i / 2]].name;
			key.family = i % 2 == 0 ? 4 : 6;
			write_value(file, figures_median(figures, &key, FIGURE_ROUND_TRIPS));
		}
		fputc('\n', file);
	}
	fputs("END\n", file);
}

static void plot_round_trips(FILE *file)
{
	fprintf(file,
		"set title 'Round trips from the first SYN to the first byte of the response "
		"(%s, TLS 1.3, %d ms)'\n"
		"set xtics rotate by -20 left\n"
		"set yrange [0:6]\nset ylabel 'round trips'\n"
		"plot $trips using 2:xtic(1) title 'first contact, IPv4' lc rgb '%s', \\\n"
		"  '' using 3 title 'first contact, IPv6' lc rgb '%s', \\\n"
		"  '' using 4 title 'cookie known, IPv4' lc rgb '%s', \\\n"
		"  '' using 5 title 'cookie known, IPv6' lc rgb '%s', \\\n"
		"  '' using 6 title 'cookie, ticket and early data, IPv4' lc rgb '%s', \\\n"
		"  '' using 7 title 'cookie, ticket and early data, IPv6' lc rgb '%s'\n",
		REPORT_SERVER, REPORT_RTT_MS, colours[6], colours[7], colours[0], colours[1],
		colours[4], colours[5]);
}

/*
 * ------------------------------------------------------------------------------ middleboxes --
 */

static void write_box_data(FILE *file, const struct figures *figures, const struct client *client)
{
	struct figure_key key = {.family = FIGURE_BOTH, .client = client->name};
	const char *last = "";
	size_t i;

	fprintf(file, "$boxes_%td << END\n", client - clients);
	for (i = 0; i < figures->count; i++) {
		const struct figure *figure = &figures->list[i];

		if (figure->family != FIGURE_BOTH || strcmp(figure->box, last) == 0)
			continue;
		last = figure->box;
		key.box = last;
		fprintf(file, "\"%s\"", last);
		write_value(file, figures_median(figures, &key, FIGURE_MS));
		fputc('\n', file);
	}
	fputs("END\n", file);
}

static void plot_middleboxes(FILE *file, const struct figures *figures)
{
	const struct client *client;
	const char *before = "plot";

	fputs("set title 'Milliseconds to the first byte behind a middlebox (no bar: no "
	      "response)'\n"
	      "set yrange [0:*]\nset ylabel 'ms'\n",
		file);
	for (client = clients; client->name; client++) {
		if (!is_drawn(figures, client))
			continue;
		fprintf(file, "%s $boxes_%td using 2:xtic(1) lc rgb '%s' title ", before,
			client - clients, colours[(size_t)(client - clients) % COLOURS]);
		write_title(file, client->title);
		before = ", \\\n ";
	}
	fputc('\n', file);
}

bool report_plot(FILE *file, const struct figures *figures, const char *svg)
{
	struct figure_key key = {.server = REPORT_SERVER,
		.tls = "1.3",
		.family = -1,
		.rtt_ms = REPORT_RTT_MS,
		.box = "none",
		.scenario = "first"};
	const struct client *client;
	bool trips = has_time(figures, &key);
	bool boxes = false;

	if (trips)
		write_round_trip_data(file, figures);
	for (client = clients; client->name; client++) {
		if (is_drawn(figures, client)) {
			write_box_data(file, figures, client);
			boxes = true;
		}
	}
	fprintf(file,
		"set terminal svg size 1000,%d font 'sans-serif,12' background 'white'\n"
		"set output '%s'\nset multiplot layout %d,1\n"
		"set style data histograms\nset style histogram clustered gap 1\n"
		"set style fill solid border rgb 'white'\nset boxwidth 0.9\n"
		"set grid ytics lc rgb '#dddddd'\nset border 3\nset tics nomirror\n"
		"set key outside below center horizontal maxcols 2\nset bmargin 15\nset rmargin "
		"16\n",
		boxes && trips ? 1240 : 620, svg, boxes && trips ? 2 : 1);
	if (trips)
		plot_round_trips(file);
	if (boxes)
		plot_middleboxes(file, figures);
	fputs("unset multiplot\n", file);
	return trips || boxes;
}
