/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_PROOF_H
#define CLIENT_PROOF_H

/*
 * Whether the path carries what follows a SYN whose data was acknowledged. Some middleboxes let the SYN
 * through with its data and swallow the rest of the client's segments, while the server's arrive.
 * The kernel retransmits and tells nobody; but it counts.
 */

#include <stdbool.h>
#include <stdint.h>

struct proof {
	bool open;	    /* not known yet */
	int64_t acked;	    /* bytes that the SYN-ACK acknowledged, its SYN included */
	int64_t next_us;    /* when to look again */
	int64_t every_us;   /* time between looks */
	int64_t last_us;    /* when the last retransmission by the timer was noticed */
	int64_t between_us; /* from the one before, or 0 */
	int timeouts;	    /* how many there were until then */
};

enum proof_found {
	PROOF_DONE,	/* something that followed was acknowledged, or there was no fast open */
	PROOF_OPEN,	/* not yet */
	PROOF_SWALLOWED /* sent three times and more, and never acknowledged */
};

/* After an attempt won: @syn_bytes that left in its SYN and were acknowledged. */
void proof_begin(struct proof *proof, int fd, int64_t syn_bytes, int64_t now_us);

/*
 * Looks if it is time to. @patient: to be wrong would end a connection that nothing can replace, and another
 * retransmission is waited for if it comes soon.
 */
enum proof_found proof_look(struct proof *proof, int fd, int64_t now_us, bool patient);

/* Looks at once whether something that followed was acknowledged: PROOF_DONE or PROOF_OPEN. */
enum proof_found proof_now(struct proof *proof, int fd);

/* When to look next, or -1. */
int64_t proof_next(const struct proof *proof);

#endif
