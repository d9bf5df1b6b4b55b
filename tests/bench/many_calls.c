/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "many_calls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct many_calls *calls, const char *name, double count)
{
	struct many_call *call = &calls->list[calls->used];

	if (calls->used == sizeof(calls->list) / sizeof(calls->list[0]))
		return;
	snprintf(call->name, sizeof(call->name), "%s", name);
	call->count = count;
	calls->used++;
}

/* "% time  seconds  usecs/call  calls  [errors]  syscall" */
static void read_line(char *line, struct many_calls *calls)
{
	char *words[8] = {NULL};
	char *rest = line;
	char *word;
	size_t count = 0;

	while (count < 8 && (word = strtok_r(count == 0 ? line : NULL, " \n", &rest)) != NULL)
		words[count++] = word;
	if (count < 5 || words[0][0] < '0' || words[0][0] > '9')
		return;
	if (strcmp(words[count - 1], "total") != 0)
		add(calls, words[count - 1], strtod(words[3], NULL));
}

bool many_calls_read(const char *path, struct many_calls *ret_calls)
{
	FILE *file = fopen(path, "re");
	char line[256];

	if (!file)
		return false;
	ret_calls->used = 0;
	while (fgets(line, sizeof(line), file))
		read_line(line, ret_calls);
	fclose(file);
	return ret_calls->used > 0;
}

double many_instructions_read(const char *path)
{
	FILE *file = fopen(path, "re");
	double count = (double)NAN;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "totals: ", 8) == 0 || strncmp(line, "summary: ", 9) == 0)
			count = strtod(strchr(line, ' '), NULL);
	}
	if (file)
		fclose(file);
	return count;
}

double many_calls_of(const struct many_calls *calls, const char *name)
{
	size_t i;

	for (i = 0; i < calls->used; i++) {
		if (strcmp(calls->list[i].name, name) == 0)
			return calls->list[i].count;
	}
	return 0;
}

static bool counts(const char *name)
{
	static const char *const left_out[] = {"brk", "mmap", "munmap", "mremap", "sched_yield"};
	size_t i;

	for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (strcmp(name, left_out[i]) == 0)
			return false;
	}
	return true;
}

void many_calls_subtract(const struct many_calls *more, const struct many_calls *less, double by,
	struct many_calls *ret_calls)
{
	size_t i;

	ret_calls->used = 0;
	for (i = 0; i < more->used; i++) {
		const struct many_call *call = &more->list[i];
		double each = (call->count - many_calls_of(less, call->name)) / by;

		if (counts(call->name) && (each >= 0.05 || each <= -0.05))
			add(ret_calls, call->name, each);
	}
}

double many_calls_sum(const struct many_calls *calls)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < calls->used; i++)
		sum += calls->list[i].count;
	return sum;
}
