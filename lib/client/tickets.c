/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/tickets.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/bytes.h"
#include "tls/session.h"

#define TLS12 0x0303
#define TLS13 0x0304

/* Seconds that a ticket has to live on, so that it does not end on its way: GnuTLS fails on a ticket that
 * ends under it. */
#define LIFE_LEFT_LEAST 10

/* Seconds for a session of TLS 1.2 whose server says nothing (RFC 5077 §3.3 leaves it to us): as long
 * as GnuTLS itself takes one back. */
#define SESSION_LIFE 3600

/* Tickets kept of one connection. A server may send any number, and each costs a file. The store keeps no
 * more of a peer either. */
#define TICKETS_MOST 4

static void put(const struct tickets *tickets, const struct ticket *ticket)
{
	/* The store is a cache: a ticket that it does not take costs a later full handshake. */
	int ret = store_put(tickets->store, tickets->peer, ticket, clock_wall_s());

	(void)ret;
}

bool tickets_init(
	struct tickets *tickets, struct tlsfo_store *store, const struct peer *peer, bool takes)
{
	struct ticket ticket = {0};

	*tickets = (struct tickets){.store = store, .peer = peer};
	if (store == NULL || !takes)
		return true;
	/* A broken store costs a full handshake and nothing more. */
	int ret = store_take(store, peer, clock_wall_s(), LIFE_LEFT_LEAST, &ticket);
	if (ret <= 0)
		return ret != GNUTLS_E_MEMORY_ERROR;
	/* It is allocated, because it is large and most connections have none. Without memory it goes back. */
	tickets->taken = malloc(sizeof(*tickets->taken));
	if (tickets->taken == NULL) {
		put(tickets, &ticket);
		ticket_clear(&ticket);
		return false;
	}
	*tickets->taken = ticket;
	tickets->expires = ticket.expires;
	tickets->full = ticket.full_handshake;
	return true;
}

void tickets_offer(struct tickets *tickets, gnutls_session_t session)
{
	const struct ticket *ticket = tickets->taken;

	tickets->offered = ticket != NULL &&
			   gnutls_session_set_data(session, ticket->blob, ticket->blob_len) == 0;
}

void tickets_drop(struct tickets *tickets, bool give_back)
{
	if (tickets->taken == NULL)
		return;
	if (give_back)
		put(tickets, tickets->taken);
	ticket_clear(tickets->taken);
	free(tickets->taken);
	tickets->taken = NULL;
	tickets->offered = false;
}

int64_t tickets_left(const struct tickets *tickets)
{
	if (tickets->store == NULL)
		return TLSFO_UNKNOWN;
	int count = store_count(tickets->store, tickets->peer, clock_wall_s(), LIFE_LEFT_LEAST);
	return count < 0 ? TLSFO_UNKNOWN : count;
}

/* Puts the session as GnuTLS hands it out into the store, with what is known of it. */
static int keep(const struct tickets *tickets, gnutls_session_t session,
	const struct ticket_terms *terms, uint16_t tls_version)
{
	gnutls_datum_t blob = {0};
	gnutls_datum_t alpn = {0};
	int64_t now = clock_wall_s();
	/* The server showed its certificate in the last full handshake. */
	bool resumed = gnutls_session_is_resumed(session) != 0;
	int64_t full = resumed && tickets->full < now ? tickets->full : now;
	struct ticket ticket = {
		.tls_version = tls_version,
		.group = group_number(gnutls_group_get(session)),
		.max_early_data = terms->max_early_data,
		.received = now,
		.expires = now + (int64_t)terms->lifetime,
		.full_handshake = full,
	};
	int ret = gnutls_session_get_data2(session, &blob);

	if (ret != 0)
		return ret;
	/* A ticket got on resumption prolongs the session; without a limit it would do so for ever, and the
	 * certificate be never looked at again (RFC 8446 §4.6.1). */
	if (ticket.expires > full + TICKET_LIFE_MAX)
		ticket.expires = full + TICKET_LIFE_MAX;
	if (gnutls_alpn_get_selected_protocol(session, &alpn) == 0 &&
		alpn.size <= sizeof(ticket.alpn)) {
		memcpy(ticket.alpn, alpn.data, alpn.size);
		ticket.alpn_len = alpn.size;
	}
	ticket.blob = blob.data;
	ticket.blob_len = blob.size;
	put(tickets, &ticket);
	wipe(blob.data, blob.size);
	gnutls_free(blob.data);
	return 0;
}

void tickets_heard(struct tickets *tickets, gnutls_session_t session, unsigned int type,
	unsigned int when, const gnutls_datum_t *message)
{
	struct ticket_terms *terms = &tickets->terms;

	if (type != GNUTLS_HANDSHAKE_NEW_SESSION_TICKET || tickets->store == NULL ||
		tickets->got >= TICKETS_MOST)
		return;
	/* Only before GnuTLS has dealt with it is there a body to read, and only after is there a
	 * session to keep. */
	if (when == GNUTLS_HOOK_PRE) {
		tickets->terms_known = ticket_terms_read(
			message->data, message->size, session_is_tls13(session), terms);
		return;
	}
	if (!session_is_tls13(session) || !tickets->terms_known)
		return;
	tickets->terms_known = false;
	tickets->got++;
	/* A lifetime of zero means that it is not to be used (RFC 8446 §4.6.1). */
	if (terms->lifetime > 0)
		(void)keep(tickets, session, terms, TLS13);
}

void tickets_begin(struct tickets *tickets, gnutls_session_t session)
{
	tickets->owed = tickets->store != NULL && !session_is_tls13(session);
	tickets_keep_session(tickets, session);
}

void tickets_keep_session(struct tickets *tickets, gnutls_session_t session)
{
	struct ticket_terms terms = {.lifetime = SESSION_LIFE};

	if (!tickets->owed)
		return;
	if (tickets->terms_known && tickets->terms.lifetime > 0)
		terms.lifetime = tickets->terms.lifetime;
	/* A session that was resumed keeps the age that it had. */
	if (!tickets->terms_known && gnutls_session_is_resumed(session) != 0) {
		int64_t left = tickets->expires - clock_wall_s();

		terms.lifetime = left > 0 ? (uint32_t)left : 0;
	}
	tickets->owed =
		keep(tickets, session, &terms, TLS12) == GNUTLS_E_UNAVAILABLE_DURING_HANDSHAKE;
}

bool tickets_awaited(const struct tickets *tickets, gnutls_session_t session)
{
	if (tickets->store == NULL)
		return false;
	return session_is_tls13(session) ? tickets->got == 0 : tickets->owed;
}
