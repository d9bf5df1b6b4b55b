/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_PATHS_H
#define CLIENT_PATHS_H

/*
 * A connection and the path memory of its store: what it knows is asked for before the race, and what
 * became of fast open is told when the connection is open, or has failed. On a path where nothing ever
 * went wrong that is three looks at the store and, while address and round-trip time stay what they
 * were, nothing written.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/address.h"
#include "race/race.h"
#include "store/path_policy.h"
#include "store/record.h"

struct tlsfo_conn;
struct shelf;
struct tcp_facts;

/* What the memory says of fast open to one of the addresses. */
struct paths_view {
	bool asked : 1;
	bool known : 1;	  /* there is an entry */
	bool probing : 1; /* this connection is the probe */
	bool allowed : 1;
	bool routed : 1;	     /* the next is filled */
	struct path_address network; /* the local one */
};

struct paths {
	struct shelf *store; /* NULL: nothing is remembered */
	bool settled;
	bool success_owed; /* fast open worked, if the path carries what follows the SYN, too */
	bool host_known;
	bool early_failed;			 /* hellos with early data to it were swallowed */
	bool early_paused;			 /* and none is to be sent now */
	struct path_address host_address;	 /* that answered last */
	int64_t host_rtt_us;			 /* -1: unknown */
	struct paths_view views[RACE_ADDRESSES]; /* by address */
	/* Fast open failed there, or none: */
	struct address failed;
	int64_t silence_us; /* so long an attempt with acknowledged data waited in vain, or 0 */
	bool reset;	    /* it was reset after its data was acknowledged */
};

/* What is known of the host; its addresses are put in order. */
void paths_recall(struct tlsfo_conn *conn);

/* The round-trip time to it, or -1. */
int64_t paths_rtt(const struct tlsfo_conn *conn);

/* More addresses have come: the one that answered last goes before those that were not tried. */
void paths_order(struct tlsfo_conn *conn);

/* Whether to try fast open with this address; asked when that is about to happen. */
bool paths_allow(struct tlsfo_conn *conn, size_t address);

/*
 * A plain attempt to @address was connected, and one with fast open was not, or was silent for
 * @silence_us after its data was acknowledged (0: it was not), or was @reset after it stood.
 */
void paths_note_failure(
	struct tlsfo_conn *conn, const struct address *address, int64_t silence_us, bool reset);

/* The flight was delivered, after the kernel said this of the socket: it watches whether the path carries what
 * follows the SYN. */
void paths_watch(struct tlsfo_conn *conn, const struct tcp_facts *facts);

/* Before anything is read or written: ends that when the path does. */
void paths_look(struct tlsfo_conn *conn);

/* The connection may have been lost: the failure, remembered at once, when the path swallowed what followed the
 * SYN; otherwise 0. */
int paths_check(struct tlsfo_conn *conn);

/* Forgets what paths_note_failure() was told: something else was at fault. */
void paths_clear_failure(struct tlsfo_conn *conn);

/* The handshake waits: GNUTLS_E_AGAIN, or the failure when the path swallowed a hello with early data. */
must_check int paths_check_early(struct tlsfo_conn *conn, int64_t now_us);

/* The connection is open, or has failed: tells the memory; and when it is about to end, what is left. */
void paths_settle(struct tlsfo_conn *conn);

#endif
