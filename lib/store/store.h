/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_STORE_H
#define STORE_STORE_H

/* What the rest of the library does with a store; programs have <tlsfo/store.h>. */

#include <stdint.h>

#include "base/macros.h"
#include "store/path.h"
#include "store/record.h"

struct tlsfo_store;

struct tlsfo_store *store_ref(struct tlsfo_store *store);

/*
 * Keeps a copy of @ticket for @peer until it expires, at most TICKET_LIFE_MAX from now. @now is in Unix seconds.
 * Returns 0 or a code; a ticket that cannot be kept is no reason to fail a connection.
 */
must_check int store_put(struct tlsfo_store *store, const struct peer *peer,
	const struct ticket *ticket, int64_t now);

/*
 * Takes the newest ticket of @peer that lives for at least @slack seconds more: nobody else gets it. Returns 1 and
 * the ticket, which the caller clears; 0 and an empty ticket when there is none; or a code.
 */
must_check int store_take(struct tlsfo_store *store, const struct peer *peer, int64_t now,
	int64_t slack, struct ticket *ret_ticket);

/* How many tickets of @peer store_take() could find now, one after the other; or a code. */
must_check int store_count(
	struct tlsfo_store *store, const struct peer *peer, int64_t now, int64_t slack);

/* Its path memory (path.h), which lives as long as the store; NULL when opening the store failed. */
struct shelf *store_paths(const struct tlsfo_store *store);

#endif
