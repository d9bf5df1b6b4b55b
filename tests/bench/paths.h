/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_PATHS_H
#define TLSFO_BENCH_PATHS_H

/* What is required of tlsfo on hostile and on clean paths: the measurements, and what came of them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PATHS_WORD = 64, PATHS_RTT_MS = 50 };

/* So many milliseconds and so many round trips. */
struct paths_limit {
	double ms;
	double trips;
};

/* The limits: an attempt delay, and what connecting takes. */
#define PATHS_PLAIN ((struct paths_limit){0, 3.1})

/* One visit's time. */
struct paths_time {
	char path[PATHS_WORD];
	char visit[PATHS_WORD];
	unsigned int run; /* counted from 1 */
	struct paths_limit limit;
	char outcome[PATHS_WORD]; /* "ok", or why there is no time */
	double ms;		  /* NAN: it could not be taken */
};

/* How often something happened that must not, over several visits. */
struct paths_count {
	char path[PATHS_WORD];
	char visit[PATHS_WORD];
	const char *what;
	long of;      /* visits; −1: they could not be made */
	long wrong;   /* of them */
	long excused; /* of these, while the wire itself was late */
};

struct paths {
	const char *only;    /* one path alone, or NULL */
	unsigned int runs;   /* of each visit that is timed */
	unsigned int visits; /* at each loss and distance */
	struct paths_time *times;
	size_t time_count;
	struct paths_count *counts;
	size_t count_count;
};

bool paths_want(const struct paths *paths, const char *path);

/* Keep what was measured. They end the process when there is no memory. */
void paths_add_time(struct paths *paths, const struct paths_time *time);
void paths_add_count(struct paths *paths, const struct paths_count *count);

/*
 * Milliseconds of those of a path and visit. A visit without a time took longer than all others; the
 * median is NAN when half of them or more have none, the least when all have.
 */
double paths_median(const struct paths *paths, const struct paths_time *like);
double paths_least(const struct paths *paths, const struct paths_time *like);

/* The measurements, each of which adds to @paths. */
void paths_hostile(struct paths *paths);
void paths_swallow(struct paths *paths);
void paths_dead(struct paths *paths);
void paths_lossy(struct paths *paths);
void paths_clean(struct paths *paths);

/*
 * Writes paths.csv and paths.md into the directory. Returns the exit status: 0, 1: something required
 * was not met or could not be measured, 2: a file cannot be written.
 */
int paths_report(const char *directory, const struct paths *paths);

#endif
