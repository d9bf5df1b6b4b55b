/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_result.h"

#include <inttypes.h>

void many_result_write(FILE *file, const struct many_result *result, char between)
{
	const int64_t values[] = {(int64_t)result->opened, (int64_t)result->failed,
		(int64_t)result->attempts, result->wall_us, result->cpu_us, result->user_us,
		result->heap_started, result->heap_open, result->fds_started, result->fds_open,
		result->fds_most, result->resident_peak};
	const size_t count = sizeof(values) / sizeof(values[0]);
	size_t i;

	for (i = 0; i < count; i++)
		fprintf(file, "%" PRId64 "%c", values[i], i + 1 < count ? between : '\n');
}

bool many_result_read(FILE *file, struct many_result *ret_result)
{
	struct many_result result = {0};
	int got = fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64, &result.opened, &result.failed,
		&result.attempts);

	got += fscanf(file, "%" SCNd64 " %" SCNd64 " %" SCNd64, &result.wall_us, &result.cpu_us,
		&result.user_us);
	got += fscanf(file, "%" SCNd64 " %" SCNd64, &result.heap_started, &result.heap_open);
	got += fscanf(file, "%" SCNd64 " %" SCNd64 " %" SCNd64, &result.fds_started,
		&result.fds_open, &result.fds_most);
	got += fscanf(file, "%" SCNd64, &result.resident_peak);
	if (got != 12)
		return false;
	*ret_result = result;
	return true;
}
