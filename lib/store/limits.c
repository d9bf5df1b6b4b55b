/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/limits.h"

#include <stdlib.h>
#include <string.h>

#include "store/ticket.h"

/* Processes may differ in what they call now, and clocks are set. */
#define CLOCK_SLACK 3600
#define CLOCK_STEP  2

bool limits_alive(int64_t expires, int64_t now)
{
	return expires > now && expires - now <= TICKET_LIFE_MAX + CLOCK_SLACK;
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

/* For qsort(3). */
static int compare_age(const void *a, const void *b)
{
	return strcmp(name_age(a), name_age(b));
}

/* Moves to the front what has expired; returns how many. */
static size_t choose_dead(struct name *names, size_t count, int64_t now)
{
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++)
		if (!limits_alive(name_expires(&names[i]), now))
			swap(&names[chosen++], &names[i]);
	return chosen;
}

/* The same with what its peer has LIMIT_PEER newer ones than. */
static size_t choose_surplus(struct name *names, size_t count)
{
	size_t chosen = 0;

	if (count <= LIMIT_PEER)
		return 0;
	qsort(names, count, sizeof(*names), name_compare);
	/* What is moved back to make room comes from before i, and has been judged. */
	for (size_t i = 0; i + LIMIT_PEER < count; i++)
		if (memcmp(names[i].text, names[i + LIMIT_PEER].text, NAME_PEER_DIGITS) == 0)
			swap(&names[chosen++], &names[i]);
	return chosen;
}

size_t limits_choose(struct name *names, size_t count, int64_t now)
{
	size_t chosen;

	/* An empty list is no array (C11 §6.5.6). */
	if (count == 0)
		return 0;
	chosen = choose_dead(names, count, now);
	chosen += choose_surplus(names + chosen, count - chosen);
	if (count - chosen <= LIMIT_SHARD)
		return chosen;
	qsort(names + chosen, count - chosen, sizeof(*names), compare_age);
	return count - LIMIT_SHARD;
}
