/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPEN_PATIENCE_H
#define OPEN_PATIENCE_H

/*
 * What the connections of a configuration know of one another while they wait for an answer. A
 * server that is slow looks like a path that goes silent after a SYN whose data was acknowledged,
 * and alone a connection has to try a second, plain attempt to find out. Of many to one address it
 * is enough that one does: the others wait for what it finds, and as long as some of them are being
 * answered, the path is not silent. And a server that took its time for one of them, in whatever
 * mode, is given as much by those that come later.
 *
 * Times are microseconds of the monotonic clock. Threads: any, and those of a forked child.
 */

#include <pthread.h>
#include <stdint.h>

#include "base/forked.h"
#include "base/macros.h"
#include "net/attempt.h"

#define PATIENCE_PEERS 8

#define PATIENCE_ANSWERED_US 1000000 /* that long the answer to another connection counts */
#define PATIENCE_PROBE_US    2000000 /* that long the plain attempt of another is waited for */
#define PATIENCE_AGAIN_US    50000   /* and looked after that often */

#define PATIENCE_GRACE_US 250000   /* a server that takes longer is slow, and gets so much more */
#define PATIENCE_TIME_US  2000000  /* the time that is granted to one at most, without that */
#define PATIENCE_KNOWN_US 60000000 /* that long it is known to be slow */

struct patience_peer {
	struct address address;
	int64_t answered_us; /* over fast open, or so late that the server is slow */
	int64_t silent_us;   /* a plain attempt was answered where fast open was not */
	int64_t probe_us;    /* a plain attempt was started to find out */
	int64_t took_us;  /* from a connection to its first byte, of a slow server; otherwise 0 */
	int64_t taken_us; /* when that was seen */
};

struct patience {
	pthread_mutex_t lock;
	struct forked forked;
	struct patience_peer peers[PATIENCE_PEERS]; /* used in turn */
	size_t next;
};

/* 0, or an errno. The object must not be moved afterwards. */
must_check int patience_init(struct patience *patience);
void patience_deinit(struct patience *patience);

/*
 * An attempt whose data was acknowledged at @since_us was not answered in its time. Returns @now_us: a plain
 * one is to start beside it; or when to ask again.
 */
int64_t patience_until(
	struct patience *patience, const struct address *address, int64_t since_us, int64_t now_us);

/* The first byte of a server came @took_us after its SYN-ACK. */
void patience_took(
	struct patience *patience, const struct address *address, int64_t took_us, int64_t now_us);

/* A connection has got its first byte over @attempt. @silent: one with fast open beside it had not. */
void patience_learn(struct patience *patience, const struct attempt *attempt, bool silent);

/* The server answered what came with a SYN, or it is slow. */
void patience_answered(struct patience *patience, const struct address *address, int64_t now_us);

/* It answered on a plain connection soon, and the one with fast open was silent. */
void patience_silent(struct patience *patience, const struct address *address, int64_t now_us);

#endif
