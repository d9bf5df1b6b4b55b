/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RACE_RACE_H
#define RACE_RACE_H

/*
 * The schedule of a race: which address is tried next, in which mode and when, and which attempt
 * wins. Happy Eyeballs (RFC 8305 §5) with fast open: every attempt carries the same first flight.
 *
 * Pure: no socket, no clock. The caller tells what happened and when, in microseconds of a monotonic
 * clock; asks whether there is anything to start; and comes back when race_deadline() says. Before
 * it tells that time has passed it tells everything that has happened by then, so that a busy
 * thread starts no needless attempts.
 *
 * The rules:
 *   - An attempt follows when the running ones have failed, or when the attempt delay has passed
 *     since the last one was started, without a SYN-ACK.
 *   - The first goes with data in its SYN, and so does one that follows when all before it have
 *     failed. A plain one to the same address follows its silence; and with that goes one to the next
 *     address, if there is one, with an empty SYN that asks for a cookie, because fast open may be what is
 *     in the way or the address may be dead. The plain one is first, so that it tells which where both
 *     answer.
 *     All later ones connect plainly: to the addresses that were tried already and to new ones in turn.
 *   - An attempt whose SYN-ACK did not acknowledge data wins with its SYN-ACK. One whose data was
 *     acknowledged wins with the server's first byte; when that takes longer than a grace time, a
 *     plain attempt to the same address starts beside it, once.
 *   - An attempt with data in its SYN that is reset is made again plainly and at once. One that
 *     failed otherwise is not repeated.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RACE_ADDRESSES 16
#define RACE_ATTEMPTS  (2 * RACE_ADDRESSES)

#define RACE_DELAY_US	    250000 /* while the path's round-trip time is not known */
#define RACE_DELAY_LEAST_US 50000  /* when it is */

enum race_mode {
	RACE_DATA = 0, /* fast open, with data in the SYN where a cookie is known */
	RACE_COOKIE,   /* fast open with an empty SYN: asks for a cookie */
	RACE_PLAIN
};

enum race_state {
	RACE_CONNECTING = 0,
	RACE_UNPROVEN, /* the data in the SYN was acknowledged, and the server has yet to answer */
	RACE_WON,
	RACE_FAILED
};

/* How a reset ended an attempt that had data in its SYN. */
enum race_reset {
	RACE_NO_RESET = 0,
	RACE_RESET_SYN,	 /* in place of a SYN-ACK */
	RACE_RESET_LATER /* after the SYN-ACK */
};

struct race_attempt {
	unsigned char address; /* index */
	unsigned char mode;    /* enum race_mode */
	unsigned char state;   /* enum race_state */
	unsigned char reset;   /* enum race_reset */
	bool remembered;       /* plain, because fast open failed with its address before */
	uint32_t
		acknowledged_us; /* unproven: when its data was acknowledged; the low bits of that */
	/* When another attempt starts beside it, while it runs. One that has yet to answer may be given more time. */
	int64_t due_us;
};

struct race_address {
	bool tried;	  /* in any mode */
	bool tried_plain; /* no attempt to it is left */
	bool owed;	  /* it is to be tried plainly at once */
	bool dead;	  /* failed in a way that another mode does not change */
};

struct race {
	struct race_address addresses[RACE_ADDRESSES];
	struct race_attempt attempts[RACE_ATTEMPTS];
	size_t address_count;
	size_t attempt_count;
	int64_t delay_us;
	bool fast_open;	 /* wanted at all */
	bool cookie_due; /* a next address goes with the plain attempt just started */
	bool more;	 /* addresses may still be added */
	int winner;	 /* the attempt that won, or -1 */
};

/* @rtt_us: the path's round-trip time as known from before, or -1. */
void race_init(struct race *race, bool fast_open, int64_t rtt_us);

/* The first @count addresses, up to RACE_ADDRESSES, may be tried in their order; there may come @more. */
void race_set_addresses(struct race *race, size_t count, bool more);

/* The attempt has neither won nor failed. */
bool race_is_running(const struct race_attempt *attempt);

/*
 * True when an attempt is to be started now, in the mode and to the address that the attempt with the returned index
 * has. The caller starts it and tells what became of it; then it asks again.
 */
bool race_next(struct race *race, int64_t now_us, size_t *ret_attempt);

/* The SYN of the attempt left at @now_us, which may be later than it was asked for. The delay counts from then on. */
void race_started(struct race *race, size_t attempt, int64_t now_us);

/* The attempt connects plainly instead: fast open is not to be had @everywhere on this system, or not with this
 * address. */
void race_make_plain(struct race *race, size_t attempt, bool everywhere);

/* The SYN-ACK of an attempt came, @acknowledged with its SYN's data. The first byte then has @grace_us to come. */
void race_connected(
	struct race *race, size_t attempt, int64_t now_us, bool acknowledged, int64_t grace_us);

/* The server's first byte can be read. */
void race_answered(struct race *race, size_t attempt);

void race_failed(struct race *race, size_t attempt, enum race_reset reset);

/* Every attempt has failed, and nothing is left to be tried. */
bool race_lost(const struct race *race);

/* The time to ask race_next() again if nothing happens, 0 for at once, or -1 when only events matter. */
int64_t race_deadline(const struct race *race);

#endif
