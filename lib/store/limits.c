/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/limits.h"

#include <stdlib.h>
#include <string.h>

#include "store/record.h"

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

size_t limits_choose(enum limits_kind kind, struct name *names, size_t count, int64_t now)
{
	const struct limits *limits = limits_of(kind);
	size_t kept = 0;

	/* An empty list is no array (C11 §6.5.6). */
	if (count > 1)
		qsort(names, count, sizeof(*names), name_compare_age);
	for (size_t i = 0; i < count; i++) {
		struct name name = names[i];
		unsigned int of_key = 0;

		for (size_t k = 0; k < kept && limits->keep > 1; k++)
			of_key += memcmp(names[k].text, name.text, NAME_KEY_DIGITS) == 0;
		if (of_key >= limits->keep || kept >= LIMIT_ALL / limits->shards ||
			!limits_alive(kind, name.expires, now, 0))
			continue;
		/* The one that was here goes. */
		names[i] = names[kept];
		names[kept++] = name;
	}
	return kept;
}
