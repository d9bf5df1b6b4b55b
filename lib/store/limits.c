/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/limits.h"

#include <stdlib.h>
#include <string.h>

#include "store/ticket.h"

/* Processes may differ in what they call now, and clocks are set. */
#define CLOCK_SLACK 3600
#define CLOCK_STEP  2

/* Seconds after which the file of a path record that was not written again is removed. */
#define PATH_FILE_LIFE (40 * 24 * 3600)

const struct limits *limits_of(enum limits_kind kind)
{
	static const struct limits limits[] = {
		[LIMITS_TICKETS] = {LIMIT_PEER, LIMIT_SHARDS, 1, TICKET_LIFE_MAX},
		[LIMITS_PATHS] = {1, 1, 16, PATH_FILE_LIFE},
	};

	return &limits[kind];
}

bool limits_alive(enum limits_kind kind, int64_t expires, int64_t now, int64_t slack)
{
	return expires > now && expires - now >= slack &&
	       expires - now <= limits_of(kind)->life + CLOCK_SLACK;
}

bool limits_future(int64_t then, int64_t now)
{
	return then - now > CLOCK_STEP;
}

bool limits_stale(int64_t since, int64_t now)
{
	return now - since > LIMIT_NEW || since - now > CLOCK_SLACK;
}

static void swap(struct name *a, struct name *b)
{
	struct name other = *a;

	*a = *b;
	*b = other;
}

/* For qsort(3): by key, then by age. */
static int compare_key(const void *a, const void *b)
{
	int order = memcmp(
		((const struct name *)a)->text, ((const struct name *)b)->text, NAME_KEY_DIGITS);

	return order != 0 ? order : name_compare_age(a, b);
}

/* Moves to the front those that have @keep newer ones of their key; returns their number. */
static size_t choose_surplus(struct name *names, size_t count, unsigned int keep)
{
	size_t chosen = 0;

	qsort(names, count, sizeof(*names), compare_key);
	/* What is moved back to make room comes from before i, and has been judged. */
	for (size_t i = 0; i + keep < count; i++)
		if (memcmp(names[i].text, names[i + keep].text, NAME_KEY_DIGITS) == 0)
			swap(&names[chosen++], &names[i]);
	return chosen;
}

size_t limits_choose(enum limits_kind kind, struct name *names, size_t count, int64_t now)
{
	const struct limits *limits = limits_of(kind);
	const size_t most = LIMIT_ALL / limits->shards;
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++)
		if (!limits_alive(kind, names[i].expires, now, 0))
			swap(&names[chosen++], &names[i]);
	if (count - chosen > limits->keep)
		chosen += choose_surplus(names + chosen, count - chosen, limits->keep);
	if (count - chosen <= most)
		return chosen;
	qsort(names + chosen, count - chosen, sizeof(*names), name_compare_age);
	return count - most;
}
