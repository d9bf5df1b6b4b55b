/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths.h"

#include <math.h>
#include <string.h>

#include "output.h"

static const char top[] =
	"## Required behind hostile paths\n\n"
	"Milliseconds from the first SYN of a visit to the first byte of the response, over all "
	"connections\n"
	"it makes: tlsfo's library against nginx, TLS 1.3, %d ms to a round trip (RT), to a name "
	"with both\n"
	"families, with IPv4 alone and with IPv6 alone, in turn. The median of %u counts; a visit "
	"without a time\n"
	"took longer than all others, and a visit whose SYNs on the wire were not those of its "
	"row has no\n"
	"time. The box was put into the path, or the address died, after the cookie was fetched. "
	"*Next* is\n"
	"a plain visit after the first one through the box, *another process* shares the "
	"store.\n\n";

static const char counts_top[] =
	"What may not happen, over so many connections that each have a deadline of 30 s. Which "
	"requests\n"
	"reached the server, and over which connection, is the server's own word: each connection "
	"sends its\n"
	"first data, reads the answer, asks a second time and reads to the end. SYNs are counted "
	"on the wire;\n"
	"second attempts are excused while the wire itself, which is a process, was late.\n\n";

static void write_number(FILE *file, double value)
{
	if (isnan(value))
		fputs(" – |", file);
	else
		fprintf(file, " %.1f |", value);
}

static double limit_ms(const struct paths_limit *limit)
{
	return limit->ms + limit->trips * PATHS_RTT_MS;
}

static void write_limit(FILE *file, const struct paths_limit *limit)
{
	if (limit->ms > 0 && limit->trips > 0)
		fprintf(file, " %g ms + %g RT = %g |", limit->ms, limit->trips, limit_ms(limit));
	else if (limit->trips > 0)
		fprintf(file, " %g RT = %g |", limit->trips, limit_ms(limit));
	else
		fprintf(file, " %g |", limit->ms);
}

static const char *verdict(bool met, bool missing)
{
	if (missing)
		return "–";
	return met ? "yes" : "**no**";
}

static bool write_time(FILE *file, const struct paths *paths, const struct paths_time *time)
{
	double median = paths_median(paths, time);
	double least = paths_least(paths, time);
	bool met = median <= limit_ms(&time->limit); /* not when it is missing */

	fprintf(file, "| %s | %s |", time->path, time->visit);
	write_limit(file, &time->limit);
	write_number(file, median);
	write_number(file, least);
	fprintf(file, " %s |\n", verdict(met, isnan(median)));
	return met;
}

/* Is this the first of its path and visit? */
static bool is_new(const struct paths *paths, size_t index)
{
	const struct paths_time *time = &paths->times[index];
	size_t i;

	for (i = 0; i < index; i++) {
		if (strcmp(paths->times[i].path, time->path) == 0 &&
			strcmp(paths->times[i].visit, time->visit) == 0)
			return false;
	}
	return true;
}

static bool write_times(FILE *file, const struct paths *paths)
{
	bool met = true;
	size_t i;

	fputs("| in the path | visit | at most, ms | median | least | met |\n"
	      "| --- | --- | ---: | ---: | ---: | --- |\n",
		file);
	for (i = 0; i < paths->time_count; i++) {
		if (is_new(paths, i))
			met = write_time(file, paths, &paths->times[i]) && met;
	}
	fputc('\n', file);
	return met;
}

static bool write_count(FILE *file, const struct paths_count *count)
{
	/* A wire that is always late shows nothing. */
	bool shown = count->of > 0 && count->excused <= count->of / 5;
	bool met = shown && count->wrong <= count->excused;

	fprintf(file, "| %s | %s |", count->path, count->visit);
	if (count->of < 0)
		fprintf(file, " – | %s | – |", count->what);
	else
		fprintf(file, " %ld | %s | %ld |", count->of, count->what, count->wrong);
	fprintf(file, " %ld | %s |\n", count->excused, verdict(met, !shown));
	return met;
}

static bool write_counts(FILE *file, const struct paths *paths)
{
	bool met = true;
	size_t i;

	if (paths->count_count == 0)
		return true;
	fputs(counts_top, file);
	fputs("| path | visit | of | what may not happen | happened | excused | met |\n"
	      "| --- | --- | ---: | --- | ---: | ---: | --- |\n",
		file);
	for (i = 0; i < paths->count_count; i++)
		met = write_count(file, &paths->counts[i]) && met;
	fputc('\n', file);
	return met;
}

static void write_csv(FILE *file, const struct paths *paths)
{
	size_t i;

	fputs("path,visit,run,limit_ms,limit_round_trips,outcome,ms,what,of,happened,excused\n",
		file);
	for (i = 0; i < paths->time_count; i++) {
		const struct paths_time *time = &paths->times[i];

		fprintf(file, "\"%s\",\"%s\",%u,%g,%g,%s,", time->path, time->visit, time->run,
			time->limit.ms, time->limit.trips, time->outcome);
		if (!isnan(time->ms))
			fprintf(file, "%.3f", time->ms);
		fputs(",,,,\n", file);
	}
	for (i = 0; i < paths->count_count; i++) {
		const struct paths_count *count = &paths->counts[i];

		fprintf(file, "\"%s\",\"%s\",,,,%s,,%s,", count->path, count->visit,
			count->of < 0 ? "missing" : "ok", count->what);
		if (count->of >= 0)
			fprintf(file, "%ld,%ld,%ld\n", count->of, count->wrong, count->excused);
		else
			fputs(",,\n", file);
	}
}

int paths_report(const char *directory, const struct paths *paths)
{
	FILE *csv = output_create(directory, "paths.csv");
	FILE *file = output_create(directory, "paths.md");
	bool written = csv && file;
	bool met = false;

	if (csv) {
		write_csv(csv, paths);
		written = fclose(csv) != EOF && written;
	}
	if (file) {
		fprintf(file, top, PATHS_RTT_MS, paths->runs);
		met = write_times(file, paths);
		met = write_counts(file, paths) && met;
		written = fclose(file) != EOF && written;
	}
	return !written ? 2 : !met;
}
