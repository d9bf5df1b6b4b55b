/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_RECORD_H
#define STORE_PATH_RECORD_H

/*
 * What is remembered of paths, three kinds of record: of a destination (an address with its port) and of a
 * local network, how fast open failed there; of a host and its port, the address that answered last,
 * the round-trip time to it, and how hellos with early data were swallowed on the way. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "store/path_policy.h"
#include "store/peer.h"
#include "store/record.h"

/* An address, or a network of /24 or /64. All zeros: none. */
struct path_address {
	unsigned char family; /* 4, 6; 0: none */
	unsigned char bytes[16];
	uint32_t scope;
	uint16_t port;
};

/* Room for path_address_print(). */
#define PATH_TEXT_SIZE 72

struct path_record {
	enum record_kind kind; /* RECORD_PATH, RECORD_NETWORK or RECORD_HOST */
	/* Of a host: as it was connected to. Of a destination: the host it was connected to as. */
	char host[RECORD_NAME_MAX + 1];
	struct path_address address; /* a host's: the one that answered, with the host's port */
	int64_t written;	     /* Unix seconds */
	int64_t expires;	     /* Unix seconds */
	struct path_network
		failing; /* of a destination only its ->state; a host's is of early data */
	int64_t rtt_us;	 /* of a host; -1: unknown */
};

#define PATH_RECORD_MAX 512

/* Writes at most PATH_RECORD_MAX bytes; the host has to fit. */
void path_record_write(struct writer *writer, const struct path_record *record);

/* False when it is no path record of a version that is known, or not a whole one. */
must_check bool path_record_read(struct bytes bytes, struct path_record *ret_record);

/* The record of what is it? HMAC-SHA256 under the store's key, as peer_key_make(). */
void path_key_make(const unsigned char key[static 32], const struct path_record *record,
	struct peer_key *ret_key);

/* "192.0.2.1", "fe80::1%2"; a network's "192.0.2.0/24". */
void path_record_print(const struct path_record *record, char ret_text[static PATH_TEXT_SIZE]);

/* Is it what a program calls @host, at @port or, with 0, at any? An address and a network may be given in
 * text. */
bool path_record_is_of(const struct path_record *record, const char *host, unsigned int port);

#endif
