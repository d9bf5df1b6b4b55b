/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

/*
 * How much a store keeps, and what goes when it is too much. A directory is divided into shards by
 * the peer's key, and each shard keeps its own bound: so a put looks at one small directory, and the
 * bound on the whole holds however many processes there are, with nothing counted or locked. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/name.h"

#define LIMIT_PEER   4
#define LIMIT_ALL    1024
#define LIMIT_SHARDS 16
#define LIMIT_PATHS  1024
#define LIMIT_SHARD  (LIMIT_ALL / LIMIT_SHARDS)

/* Seconds after which a file that is still being written belongs to nobody. */
#define LIMIT_NEW 900

/* Is a ticket that expires then still one? One that lives longer than any may is from a clock that
 * was wrong. */
bool limits_alive(int64_t expires, int64_t now);

/*
 * Is @then in the future? What was received or written there is from a clock that has been set back, and is
 * not used: GnuTLS takes such a ticket for none when early data has been announced with it already, which
 * costs a second connection. Two seconds are none: processes read the clock one after the other.
 */
bool limits_future(int64_t then, int64_t now);

/* Is a file that is being written @since then left over? */
bool limits_stale(int64_t since, int64_t now);

/*
 * Sorts the ticket names of one shard so that those to be removed come first, and returns how many
 * they are: what has expired, what is more than LIMIT_PEER of a peer, what is more than LIMIT_SHARD
 * in all; the oldest go first.
 */
size_t limits_choose(struct name *names, size_t count, int64_t now);

#endif
