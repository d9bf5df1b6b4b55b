/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_STORE_H
#define STORE_PATH_STORE_H

/*
 * The path memory: what a store keeps beside tickets. Whatever is wrong with the store, nothing is
 * remembered and nothing fails. Times are Unix seconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/record.h"
#include "store/shelf.h"

/* Seconds that a host is remembered, if nothing changes. */
#define PATH_HOST_LIFE (30 * 24 * 3600)

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

/* The record of a host and its port. False: there is none. */
must_check bool path_store_host(struct shelf *shelf, const char *host, uint16_t port, int64_t now,
	struct record *ret_record);

/* What a connection showed of hellos with early data. */
enum path_early {
	PATH_EARLY_NOTHING = 0,
	PATH_EARLY_CARRIED,
	PATH_EARLY_SWALLOWED /* and one without was answered */
};

/* The server at this address took @think_us until its first byte. That is written when it differs from what is known. */
void path_store_thought(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t think_us, int64_t now);

/* The host answered from this address, with its port. @rtt_us is -1 when it is not known. What is known of early data
 * and of the server's time stays, if there is nothing new. */
void path_store_answered(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t rtt_us, enum path_early early, int64_t now);

#endif
