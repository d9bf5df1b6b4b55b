/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_H
#define STORE_PATH_H

/*
 * The path memory: what a store keeps beside tickets. Where fast open failed it pauses for an hour, which doubles to
 * a day at each new failure; then one connection probes the destination. When several destinations in a row failed
 * from one local network, fast open pauses there in the same manner. Success clears either. Times are Unix seconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/record.h"
#include "store/shelf.h"

#define PATH_PAUSE_FIRST 3600
#define PATH_PAUSE_MOST	 (24 * 3600)

/* Seconds after which another connection may probe, when nothing was heard of the first. */
#define PATH_PROBE_TIME 60

/* Seconds that failures are remembered beyond the pause that they caused, so that the next is longer. */
#define PATH_LIFE (7 * 24 * 3600)

/* Seconds that a host is remembered, if nothing changes. */
#define PATH_HOST_LIFE (30 * 24 * 3600)

/* Microseconds. A server that answers within the first is not slow; none is given more than the second besides,
 * because a path that turns silent is to be noticed. */
#define PATH_GRACE_LEAST_US 250000
#define PATH_THINK_MOST_US  5000000

enum path_advice {
	PATH_GO = 0, /* nothing is against fast open */
	PATH_PROBE,  /* one connection is to try it */
	PATH_AVOID
};

/* The rules, which are pure: what follows from what is remembered. */

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

/* The memory. Whatever is wrong with the store, nothing is remembered and nothing fails. */

/* Where a connection goes, and from where. */
struct path_place {
	const char *host;		 /* as it was connected to */
	struct path_address destination; /* with its port */
	struct path_address network;	 /* of the local address; or none */
};

/* Does the shelf perhaps hold a record of a local network? If not, nobody need ask for the route. */
bool path_store_knows_networks(struct shelf *shelf);

/* What to do about fast open to a place. @ret_known: there is a record, which success is to clear. */
enum path_advice path_store_advise(
	struct shelf *shelf, const struct path_place *place, int64_t now, bool *ret_known);

/* The advice was PATH_PROBE. True: this connection probes. False: another does. */
must_check bool path_store_probe(struct shelf *shelf, const struct path_place *place, int64_t now);

/* The probe ended, and showed nothing. */
void path_store_probe_end(struct shelf *shelf, const struct path_place *place, int64_t now);

/* Fast open failed, or worked. */
void path_store_failed(struct shelf *shelf, const struct path_place *place, int64_t now);
void path_store_succeeded(struct shelf *shelf, const struct path_place *place);

/* The record of a host and its port. False: there is none, and the record is empty. */
must_check bool path_store_host(struct shelf *shelf, const char *host, uint16_t port, int64_t now,
	struct record *ret_record);

/* The server at this address took @think_us until its first byte. That is written when it differs from what is known. */
void path_store_thought(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t think_us, int64_t now);

/* What a connection showed of hellos with early data. */
enum path_early {
	PATH_EARLY_NOTHING = 0,
	PATH_EARLY_CARRIED,
	PATH_EARLY_SWALLOWED /* and one without was answered */
};

/* The host answered from this address, with its port. @rtt_us is -1 when it is not known. What is known of early data
 * and of the server's time stays, if there is nothing new. */
void path_store_answered(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t rtt_us, enum path_early early, int64_t now);

#endif
