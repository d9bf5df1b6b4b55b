/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_FIRST_DATA_H
#define CLIENT_FIRST_DATA_H

/* The data that a connection begins with: as early data where that is possible, once in any case. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "client/conn.h"

/* Copies the data. False: no memory. */
must_check bool first_data_init(
	struct tlsfo_conn *conn, const void *data, size_t len, unsigned int flags);

/* True when what is known of the ticket that was taken lets the data travel early. */
bool first_data_may_travel_early(const struct tlsfo_conn *conn);

/* Hands the data to a new session as early data, if it may be. */
void first_data_offer(struct tlsfo_conn *conn);

/* After the handshake: a server that has taken early data has to speak the protocol that it was meant
 * for. Returns 0 or the failure, after which the session is of no use. */
must_check int first_data_check(struct tlsfo_conn *conn);

/* After the handshake: sends what did not travel early. Returns 0 or the failure. */
must_check int first_data_send(struct tlsfo_conn *conn);

void first_data_wipe(struct tlsfo_conn *conn);

#endif
