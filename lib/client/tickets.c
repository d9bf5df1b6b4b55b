/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/tickets.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "store/store.h"
#include "tls/groups.h"

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

static void put(struct tlsfo_conn *conn, const struct ticket *ticket)
{
	/* The store is a cache: what it does not take, costs a full handshake. */
	int ret = store_put(conn->config->store, &conn->identity.peer, ticket, clock_wall_s());

	(void)ret;
}

/* Most connections have none, and it is large. One for which there is no room goes back. */
static bool have(struct tlsfo_conn *conn, struct ticket *ticket)
{
	conn->ticket = malloc(sizeof(*ticket));
	if (conn->ticket == NULL) {
		put(conn, ticket);
		ticket_clear(ticket);
		return false;
	}
	*conn->ticket = *ticket;
	conn->group = ticket->group;
	conn->session_expires = ticket->expires;
	conn->session_full = ticket->full_handshake;
	return true;
}

int tickets_take(struct tlsfo_conn *conn)
{
	struct tlsfo_store *store = conn->config->store;

	if (store == NULL || conn->config->ticket_use == TLSFO_TICKETS_COLLECT)
		return 0;
	/* Whatever is wrong with a store, it costs a full handshake and no more. */
	struct ticket ticket = {0};
	int ret = store_take(store, &conn->identity.peer, clock_wall_s(), LIFE_LEFT_LEAST, &ticket);
	if (ret > 0)
		return have(conn, &ticket) ? 0 : conn_fail_memory(conn);
	return ret == GNUTLS_E_MEMORY_ERROR ? conn_fail_memory(conn) : 0;
}

void tickets_offer(struct tlsfo_conn *conn)
{
	conn->ticket_offered =
		conn->ticket != NULL && gnutls_session_set_data(conn->session, conn->ticket->blob,
						conn->ticket->blob_len) == 0;
}

void tickets_drop(struct tlsfo_conn *conn)
{
	if (conn->ticket != NULL)
		ticket_clear(conn->ticket);
	free(conn->ticket);
	conn->ticket = NULL;
	conn->ticket_offered = false;
}

void tickets_give_back(struct tlsfo_conn *conn)
{
	if (conn->ticket != NULL)
		put(conn, conn->ticket);
	tickets_drop(conn);
}

int64_t tickets_left(const struct tlsfo_conn *conn)
{
	int count = TLSFO_UNKNOWN;

	if (conn->config->store != NULL)
		count = store_count(
			conn->config->store, &conn->identity.peer, clock_wall_s(), LIFE_LEFT_LEAST);
	/* The server may still send one. */
	if (count == 0 && conn->error == 0 && !conn->read_ended)
		return TLSFO_UNKNOWN;
	return count < 0 ? TLSFO_UNKNOWN : count;
}

/* The last full handshake, in which the server proved who it is. */
static int64_t full_handshake(const struct tlsfo_conn *conn, int64_t now)
{
	bool resumed = gnutls_session_is_resumed(conn->session) != 0;

	return resumed && conn->session_full < now ? conn->session_full : now;
}

/*
 * A ticket got on resumption prolongs the session; without a limit it would do so for ever, and the
 * certificate be never looked at again (RFC 8446 §4.6.1).
 */
static int64_t expiry(const struct ticket_terms *terms, int64_t now, int64_t full)
{
	int64_t expires = now + (int64_t)terms->lifetime;
	int64_t most = full + TICKET_LIFE_MAX;

	return expires < most ? expires : most;
}

/* The session as GnuTLS hands it out, with what is known of it, into the store. */
static int keep(struct tlsfo_conn *conn, const struct ticket_terms *terms, uint16_t tls_version)
{
	gnutls_datum_t blob = {0};
	gnutls_datum_t alpn = {0};
	int64_t now = clock_wall_s();
	int64_t full = full_handshake(conn, now);
	struct ticket ticket = {
		.tls_version = tls_version,
		.group = group_number(gnutls_group_get(conn->session)),
		.max_early_data = terms->max_early_data,
		.received = now,
		.expires = expiry(terms, now, full),
		.full_handshake = full,
	};
	int ret = gnutls_session_get_data2(conn->session, &blob);

	if (ret != 0)
		return ret;
	if (gnutls_alpn_get_selected_protocol(conn->session, &alpn) == 0 &&
		alpn.size <= sizeof(ticket.alpn)) {
		memcpy(ticket.alpn, alpn.data, alpn.size);
		ticket.alpn_len = alpn.size;
	}
	ticket.blob = blob.data;
	ticket.blob_len = blob.size;
	put(conn, &ticket);
	wipe(blob.data, blob.size);
	gnutls_free(blob.data);
	return 0;
}

void tickets_heard(struct tlsfo_conn *conn, unsigned int type, unsigned int when,
	const gnutls_datum_t *message)
{
	if (type != GNUTLS_HANDSHAKE_NEW_SESSION_TICKET || conn->config->store == NULL)
		return;
	if (conn->tickets_got >= TICKETS_MOST)
		return;
	/* Only before GnuTLS has dealt with it is there a body to read, and only after is there a
	 * session to keep. */
	if (when == GNUTLS_HOOK_PRE) {
		conn->terms_known =
			session_is_tls13(conn->session)
				? ticket_terms_read(message->data, message->size, &conn->terms)
				: ticket_hint_read(message->data, message->size, &conn->terms);
		return;
	}
	if (!session_is_tls13(conn->session) || !conn->terms_known)
		return;
	conn->terms_known = false;
	conn->tickets_got++;
	/* A lifetime of zero means that it is not to be used (RFC 8446 §4.6.1). */
	if (conn->terms.lifetime > 0)
		(void)keep(conn, &conn->terms, TLS13);
}

void tickets_keep_session(struct tlsfo_conn *conn)
{
	struct ticket_terms terms = {.lifetime = SESSION_LIFE};

	if (!conn->session_owed)
		return;
	if (conn->terms_known && conn->terms.lifetime > 0)
		terms.lifetime = conn->terms.lifetime;
	/* Used again, it is as old as it was. */
	if (!conn->terms_known && gnutls_session_is_resumed(conn->session) != 0) {
		int64_t left = conn->session_expires - clock_wall_s();

		terms.lifetime = left > 0 ? (uint32_t)left : 0;
	}
	conn->session_owed = keep(conn, &terms, TLS12) == GNUTLS_E_UNAVAILABLE_DURING_HANDSHAKE;
}
