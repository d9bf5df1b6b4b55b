/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_OPENING_H
#define CLIENT_OPENING_H

/*
 * From addresses to one connected socket. Nothing here waits: opening_advance() goes on with what has become
 * possible and says GNUTLS_E_AGAIN when there is something to wait for, which is then in ->waits and
 * ->wake_us. Addresses may come while this goes on.
 */

#include <stdint.h>

#include "base/macros.h"
#include "client/conn.h"

/* opening_socket.c: begins, with the addresses known so far. 0 or a code. */
must_check int opening_begin(struct tlsfo_conn *conn);

/* opening_socket.c: there is one more in ->addresses. */
void opening_add_address(struct tlsfo_conn *conn);

/* opening_socket.c: 0: ->fd is connected, the flight is delivered and ->transport runs over it;
 * GNUTLS_E_AGAIN; or a code that ends the whole connection. */
must_check int opening_advance(struct tlsfo_conn *conn, int64_t now_us);

/* opening_socket.c: closes and frees what opening_advance() has not handed over; also before
 * opening_begin(). */
void opening_cancel(struct tlsfo_conn *conn);

/* An attempt with its socket, bound if need be, in the next slot of ->attempts. Returns the slot, -1: no
 * memory. Where there is no socket the attempt has failed and has the errno. */
must_check int opening_attempt(struct tlsfo_conn *conn, size_t address, bool plain);

/* No address could be connected to: the failure, with every attempt's error. */
int opening_failed(struct tlsfo_conn *conn);

#endif
