/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_result.h"

#include <inttypes.h>

void many_result_write(FILE *file, const struct many_result *result)
{
	fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64, result->opened, result->failed,
		result->attempts);
	fprintf(file, " %" PRId64 " %" PRId64 " %" PRId64, result->wall_us, result->cpu_us,
		result->user_us);
	fprintf(file, " %" PRId64 " %" PRId64, result->heap_started, result->heap_open);
	fprintf(file, " %" PRId64 " %" PRId64 " %" PRId64, result->fds_started, result->fds_open,
		result->fds_most);
	fprintf(file, " %" PRId64 "\n", result->resident_peak);
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
