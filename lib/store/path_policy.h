/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_POLICY_H
#define STORE_PATH_POLICY_H

/*
 * What follows from what is remembered. Where fast open failed it pauses for an hour, which doubles to a day at each
 * new failure; then one connection probes the destination. When several destinations in a row failed from one
 * local network, fast open pauses there in the same manner. Success clears either. Pure: the time is an argument, in
 * Unix seconds.
 */

#include <stdbool.h>
#include <stdint.h>

#define PATH_PAUSE_FIRST 3600
#define PATH_PAUSE_MOST	 (24 * 3600)

/* Seconds after which another connection may probe, when nothing was heard of the first. */
#define PATH_PROBE_TIME 60

/* Different destinations in a row that pause a network. */
#define PATH_DIFFERENT 3

/* Seconds that failures are remembered beyond the pause that they caused, so that the next is longer. */
#define PATH_LIFE (7 * 24 * 3600)

struct path_state {
	uint32_t failures; /* that made a pause; 0: none did */
	int64_t failed;	   /* when the last was */
	int64_t until;	   /* the end of the pause */
	int64_t probing;   /* since when a probe is under way, or 0 */
};

#define PATH_ID_SIZE 16

struct path_network {
	struct path_state state;
	unsigned char count; /* of the destinations that failed in a row, before the pause */
	unsigned char failed[PATH_DIFFERENT][PATH_ID_SIZE];
};

enum path_advice {
	PATH_GO = 0, /* nothing is against fast open */
	PATH_PROBE,  /* one connection is to try it */
	PATH_AVOID
};

enum path_advice path_advise(const struct path_state *state, int64_t now);

/*
 * Fast open failed. False when that changes nothing: during a pause the connection may have been under way when the
 * pause began.
 */
bool path_failed(struct path_state *state, int64_t now);

/* The same for a network; @id is the destination's. */
bool path_network_failed(
	struct path_network *network, const unsigned char id[static PATH_ID_SIZE], int64_t now);

/* When the failures are forgotten. */
int64_t path_expires(const struct path_state *state);

/* Microseconds. A server that answers within the first is not slow; none is given more than the second besides,
 * because a path that turns silent is to be noticed. */
#define PATH_GRACE_LEAST_US 250000
#define PATH_THINK_MOST_US  5000000

/*
 * The grace time of an attempt: how long after its SYN-ACK, which acknowledged data, the server's first byte may come
 * until a plain attempt starts beside it. @rtt_us is -1 when it is not known; @think_us is what the server is
 * known to take.
 */
int64_t path_grace(int64_t rtt_us, int64_t think_us);

/* Does a server take so much more or less time than is known that the record is to be written? */
bool path_think_differs(int64_t old_us, int64_t new_us);

/*
 * Is another round-trip time worth writing the record? It is when it differs by more than a quarter. Times below
 * @least_us are all alike. -1 is an unknown time.
 */
bool path_rtt_differs(int64_t old_us, int64_t new_us, int64_t least_us);

#endif
