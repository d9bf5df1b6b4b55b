/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

/*
 * What is inside a sealed file: the kind of record, its version, its fields in network byte order
 * with their lengths. Whatever the bytes are, reading them ends with a whole ticket or with none. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "store/peer.h"
#include "store/ticket.h"

/* Numbers that stay. A reader passes over kinds and versions that it does not know. */
enum record_kind {
	RECORD_TICKET = 1,
	RECORD_PATH = 2,
	RECORD_NETWORK = 3,
	RECORD_HOST = 4,
};

#define RECORD_NAME_MAX	  255
#define RECORD_TICKET_MAX (1024 + TICKET_ALPN_MAX + TICKET_BLOB_MAX)

/* What a ticket's record tells of its peer besides the ticket; the key has told it all. */
struct record_ticket {
	char host[RECORD_NAME_MAX + 1];
	uint16_t port;
	bool is_verified;
	char verified[RECORD_NAME_MAX + 1];
	struct ticket ticket; /* its blob is not its own, but a view of what was read */
};

/* Can this ticket of this peer be written at all? */
bool record_ticket_fits(const struct peer *peer, const struct ticket *ticket);

/* Bytes that record_ticket_write() needs, at most. */
size_t record_ticket_size(const struct ticket *ticket);

/* Writes what fits; the writer fails when the room is too small. */
void record_ticket_write(
	struct writer *writer, const struct peer *peer, const struct ticket *ticket);

/* False when it is no ticket's record of a version that is known, or not a whole one. */
must_check bool record_ticket_read(struct bytes record, struct record_ticket *ret_ticket);

#endif
