/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_OPENING_H
#define CLIENT_OPENING_H

/*
 * From addresses to one connected socket. Nothing here waits: advance() goes on with what has become
 * possible and says GNUTLS_E_AGAIN when there is something to wait for, which is then in ->waits and
 * ->wake_us. Addresses may come while this goes on.
 */

#include <stdint.h>

#include "base/macros.h"
#include "client/conn.h"

struct opening {
	/* Begins; the addresses known so far are told by address(). 0 or a code. */
	int (*begin)(struct tlsfo_conn *conn);
	/* There is one more in ->addresses. */
	void (*address)(struct tlsfo_conn *conn);
	/* 0: ->fd is connected, the flight is delivered and ->transport runs over it; GNUTLS_E_AGAIN;
	 * or a code that ends the whole connection. */
	int (*advance)(struct tlsfo_conn *conn, int64_t now_us);
	/* Closes and frees what advance() has not handed over; also before begin(). */
	void (*cancel)(struct tlsfo_conn *conn);
};

extern const struct opening opening_socket; /* opening_socket.c: a race with one session */
extern const struct opening opening_gnutls; /* opening_gnutls.c: a session for each address */

const struct opening *opening_of(const struct tlsfo_conn *conn);

/* An attempt with its socket, bound if need be, in the next slot of ->attempts. Returns the slot, -1: no
 * memory. Where there is no socket the attempt has failed and has the errno. */
must_check int opening_attempt(struct tlsfo_conn *conn, size_t address, bool plain);

/* Closes the socket of an attempt that has failed or lost, and keeps what the kernel says of it. */
void opening_close(struct tlsfo_conn *conn, struct attempt *attempt);

/* No address could be connected to: the failure, with every attempt's error. */
int opening_failed(struct tlsfo_conn *conn);

#endif
