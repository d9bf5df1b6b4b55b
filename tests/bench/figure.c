/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "median.h"

enum { LINE_SIZE = 512, COLUMNS = 17 };

static const char names[] =
	"server,tls,family,rtt_ms,box,scenario,client,run,outcome,ms,round_trips,syn_bytes,"
	"syn_acknowledged,connections,resumed,early_bytes,early_in_syn\n";

void figure_word(char *member, const char *word)
{
	snprintf(member, FIGURE_WORD, "%s", word);
}

void figure_clear(struct figure *figure)
{
	figure_word(figure->outcome, "missing");
	figure->ms = (double)NAN;
	figure->round_trips = (double)NAN;
	figure->syn_bytes = -1;
	figure->syn_acked = -1;
	figure->connections = 0;
	figure->resumed = -1;
	figure->early_bytes = -1;
	figure->early_in_syn = -1;
}

void figure_write_names(FILE *file)
{
	fputs(names, file);
}

static void write_real(FILE *file, double value)
{
	if (isnan(value))
		fputc(',', file);
	else
		fprintf(file, ",%.3f", value);
}

static void write_count(FILE *file, long value)
{
	if (value < 0)
		fputc(',', file);
	else
		fprintf(file, ",%ld", value);
}

void figure_write(FILE *file, const struct figure *figure)
{
	fprintf(file, "%s,%s,%d,%g,%s,%s,%s,%u,%s", figure->server, figure->tls, figure->family,
		figure->rtt_ms, figure->box, figure->scenario, figure->client, figure->run,
		figure->outcome);
	write_real(file, figure->ms);
	write_real(file, figure->round_trips);
	write_count(file, figure->syn_bytes);
	write_count(file, figure->syn_acked);
	fprintf(file, ",%u", figure->connections);
	write_count(file, figure->resumed);
	write_count(file, figure->early_bytes);
	write_count(file, figure->early_in_syn);
	fputc('\n', file);
	fflush(file);
}

static double real_of(const char *text)
{
	return *text ? strtod(text, NULL) : (double)NAN;
}

static long count_of(const char *text)
{
	return *text ? strtol(text, NULL, 10) : -1;
}

static bool split(char *line, const char *columns[COLUMNS])
{
	size_t count = 0;
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	while (rest && count < COLUMNS)
		columns[count++] = strsep(&rest, ",");
	return count == COLUMNS && !rest;
}

static bool parse(char *line, struct figure *ret_figure)
{
	const char *columns[COLUMNS];
	struct figure figure = {0};

	if (!split(line, columns))
		return false;

	figure_word(figure.server, columns[0]);
	figure_word(figure.tls, columns[1]);
	figure.family = (int)count_of(columns[2]);
	figure.rtt_ms = real_of(columns[3]);
	figure_word(figure.box, columns[4]);
	figure_word(figure.scenario, columns[5]);
	figure_word(figure.client, columns[6]);
	figure.run = (unsigned int)count_of(columns[7]);
	figure_word(figure.outcome, columns[8]);
	figure.ms = real_of(columns[9]);
	figure.round_trips = real_of(columns[10]);
	figure.syn_bytes = count_of(columns[11]);
	figure.syn_acked = count_of(columns[12]);
	figure.connections = (unsigned int)count_of(columns[13]);
	figure.resumed = count_of(columns[14]);
	figure.early_bytes = count_of(columns[15]);
	figure.early_in_syn = count_of(columns[16]);
	*ret_figure = figure;
	return true;
}

static bool append(struct figures *figures, const struct figure *figure)
{
	struct figure *list =
		reallocarray(figures->list, figures->count + 1, sizeof(figures->list[0]));

	if (!list)
		return false;
	figures->list = list;
	list[figures->count++] = *figure;
	return true;
}

bool figures_read(struct figures *figures, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];
	struct figure figure;
	bool good;

	good = file && fgets(line, sizeof(line), file) && strcmp(line, names) == 0;
	while (good && fgets(line, sizeof(line), file))
		good = parse(line, &figure) && append(figures, &figure);
	if (file)
		fclose(file);
	if (!good)
		fprintf(stderr, "bench: %s: no file of figures\n", path);
	return good;
}

void figures_free(struct figures *figures)
{
	free(figures->list);
	*figures = (struct figures){0};
}

static bool is(const char *wanted, const char *word)
{
	return !wanted || strcmp(wanted, word) == 0;
}

static bool about(double wanted, double value)
{
	return wanted <= 0 || fabs(wanted - value) < 1e-6;
}

bool figure_matches(const struct figure *figure, const struct figure_key *key)
{
	return is(key->server, figure->server) && is(key->tls, figure->tls) &&
	       (key->family < 0 || key->family == figure->family) &&
	       about(key->rtt_ms, figure->rtt_ms) && is(key->box, figure->box) &&
	       is(key->scenario, figure->scenario) && is(key->client, figure->client);
}

bool figures_any(const struct figures *figures, const struct figure_key *key)
{
	size_t i;

	for (i = 0; i < figures->count; i++) {
		if (figure_matches(&figures->list[i], key))
			return true;
	}
	return false;
}

/* Those without a time are last. */
static double value_of(const struct figure *figure, enum figure_value value)
{
	return value == FIGURE_MS ? figure->ms : figure->round_trips;
}

double figures_least(
	const struct figures *figures, const struct figure_key *key, enum figure_value value)
{
	double least = (double)NAN;
	size_t i;

	for (i = 0; i < figures->count; i++) {
		if (figure_matches(&figures->list[i], key))
			least = fmin(least, value_of(&figures->list[i], value));
	}
	return least;
}

double figures_median(
	const struct figures *figures, const struct figure_key *key, enum figure_value value)
{
	double *values = calloc(figures->count + 1, sizeof(*values));
	double median = (double)NAN;
	size_t count = 0;
	size_t i;

	if (!values)
		return median;
	for (i = 0; i < figures->count; i++) {
		if (figure_matches(&figures->list[i], key))
			values[count++] = value_of(&figures->list[i], value);
	}
	median = median_of(values, count);
	free(values);
	return median;
}
