/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

/*
 * How much a shelf keeps, and which entries go when there are too many. A directory of tickets is divided into
 * shards by the key, and each shard keeps its own bound. So a put looks at one small directory, and the bound
 * on the whole holds for any number of processes, with nothing counted or locked. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/name.h"

/* The kinds of entries. Each has a bound of its own. */
enum limits_kind { LIMITS_TICKETS, LIMITS_PATHS };

#define LIMIT_PEER   4	  /* tickets of one key */
#define LIMIT_ALL    1024 /* entries of one kind */
#define LIMIT_SHARDS 16	  /* directories of tickets */
#define LIMIT_SHARD  (LIMIT_ALL / LIMIT_SHARDS)

/* Seconds after which a file that is still being written belongs to nobody. */
#define LIMIT_NEW 900

struct limits {
	unsigned int keep;   /* entries of one key */
	unsigned int shards; /* directories */
	unsigned int seldom; /* one put in so many looks for entries that are too many */
	int64_t life;	     /* seconds that an entry lives at most */
};

const struct limits *limits_of(enum limits_kind kind);

/*
 * Does an entry that expires at @expires still live, and for at least @slack seconds? One that would live longer
 * than any may comes from a clock that was wrong.
 */
bool limits_alive(enum limits_kind kind, int64_t expires, int64_t now, int64_t slack);

/*
 * Is @then in the future? The clock has been set back since, and what was received or written then is not used:
 * GnuTLS refuses such a ticket after it has announced early data with it, which costs a second connection.
 * Two seconds do not count, because processes read the clock one after the other.
 */
bool limits_future(int64_t then, int64_t now);

/* Is a file that is being written @since then left over? */
bool limits_stale(int64_t since, int64_t now);

/*
 * Sorts the names of one directory so that those that stay come first, the newest before the others, and returns
 * their number. Those behind go: they have expired, or there are enough newer ones of their key or in all.
 */
size_t limits_choose(enum limits_kind kind, struct name *names, size_t count, int64_t now);

#endif
