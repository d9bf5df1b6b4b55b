/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "median.h"

bool paths_want(const struct paths *paths, const char *path)
{
	return !paths->only || strcmp(paths->only, path) == 0;
}

static void *grow(void *list, size_t count, size_t size)
{
	void *grown = reallocarray(list, count + 1, size);

	if (!grown) {
		perror("bench-paths");
		exit(2);
	}
	return grown;
}

void paths_add_time(struct paths *paths, const struct paths_time *time)
{
	paths->times = grow(paths->times, paths->time_count, sizeof(*time));
	paths->times[paths->time_count++] = *time;
}

void paths_add_count(struct paths *paths, const struct paths_count *count)
{
	paths->counts = grow(paths->counts, paths->count_count, sizeof(*count));
	paths->counts[paths->count_count++] = *count;
}

static bool is_like(const struct paths_time *one, const struct paths_time *other)
{
	return strcmp(one->path, other->path) == 0 && strcmp(one->visit, other->visit) == 0;
}

double paths_median(const struct paths *paths, const struct paths_time *like)
{
	double *values = grow(NULL, paths->time_count, sizeof(*values));
	double median;
	size_t count = 0;
	size_t i;

	for (i = 0; i < paths->time_count; i++) {
		if (is_like(&paths->times[i], like))
			values[count++] = paths->times[i].ms;
	}
	median = median_of(values, count);
	free(values);
	return median;
}

double paths_least(const struct paths *paths, const struct paths_time *like)
{
	double least = (double)NAN;
	size_t i;

	for (i = 0; i < paths->time_count; i++) {
		if (is_like(&paths->times[i], like))
			least = fmin(least, paths->times[i].ms);
	}
	return least;
}
