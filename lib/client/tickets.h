/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_TICKETS_H
#define CLIENT_TICKETS_H

/* A connection's tickets: the one it takes from the store, and those it brings there. */

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "base/macros.h"
#include "store/store.h"
#include "tls/messages.h"

/* Zeros: there is no store. */
struct tickets {
	struct tlsfo_store *store; /* or NULL */
	const struct peer *peer;
	struct ticket *taken; /* from the store for this connection, or NULL */
	bool offered;	      /* to the session in use */
	bool owed;	      /* a session of TLS 1.2 is still to be kept */
	bool terms_known;
	struct ticket_terms terms; /* of the NewSessionTicket under way */
	unsigned int got;
	int64_t expires; /* of a session of TLS 1.2 that was offered */
	int64_t full;	 /* when the session that was offered began: struct ticket */
};

/* @store, which may be NULL, and @peer must outlive it. @takes: a ticket is taken for the connection, where there is
 * one. False: no memory. */
must_check bool tickets_init(
	struct tickets *tickets, struct tlsfo_store *store, const struct peer *peer, bool takes);

/* Gives the ticket that was taken to a new session. One that GnuTLS refuses counts as none. */
void tickets_offer(struct tickets *tickets, gnutls_session_t session);

/* The ticket that was taken is needed no more: wipes it. @give_back: it never left this host, so it may serve another
 * connection. */
void tickets_drop(struct tickets *tickets, bool give_back);

/* How many tickets there are for the next connection like this one, or TLSFO_UNKNOWN. */
int64_t tickets_left(const struct tickets *tickets);

/* A message of the handshake, or after it: keeps the ticket that is in it. */
void tickets_heard(struct tickets *tickets, gnutls_session_t session, unsigned int type,
	unsigned int when, const gnutls_datum_t *message);

/* The handshake is over. */
void tickets_begin(struct tickets *tickets, gnutls_session_t session);

/* Keeps the session of TLS 1.2, once GnuTLS hands it out; false start is too early. */
void tickets_keep_session(struct tickets *tickets, gnutls_session_t session);

/* What a server gives is still to come: its first ticket, or the end of a false start, without which
 * there is no session of TLS 1.2. */
bool tickets_awaited(const struct tickets *tickets, gnutls_session_t session);

#endif
