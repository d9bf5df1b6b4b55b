/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_TICKETS_H
#define CLIENT_TICKETS_H

/* A connection's tickets: the one it takes from the store, and those it brings there. */

#include <stdint.h>

#include "base/macros.h"
#include "client/conn.h"

/* Takes a ticket for the connection, where there is one. Only want of memory is an error. */
must_check int tickets_take(struct tlsfo_conn *conn);

/* Gives the ticket that was taken to a new session. One that GnuTLS refuses counts as none. */
void tickets_offer(struct tlsfo_conn *conn);

/* The ticket never left this host: it may serve another connection. */
void tickets_give_back(struct tlsfo_conn *conn);

/* How many tickets there are for the next connection like this one, or TLSFO_UNKNOWN. */
int64_t tickets_left(const struct tlsfo_conn *conn);

/* Wipes what is left of the ticket that was taken. */
void tickets_drop(struct tlsfo_conn *conn);

/* A message of the handshake, or after it: keeps the ticket that is in it. */
void tickets_heard(struct tlsfo_conn *conn, unsigned int type, unsigned int when,
	const gnutls_datum_t *message);

/* Keeps the session of TLS 1.2, once GnuTLS hands it out; false start is too early. */
void tickets_keep_session(struct tlsfo_conn *conn);

#endif
