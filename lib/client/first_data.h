/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_FIRST_DATA_H
#define CLIENT_FIRST_DATA_H

/* The data that a connection begins with: as early data where that is possible, once in any case. */

#include <stdbool.h>
#include <stddef.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>

#include "base/macros.h"
#include "client/config.h"
#include "client/io.h"
#include "net/waits.h"
#include "store/record.h"

/* Zeros: there is none. */
struct first_data {
	unsigned char *data; /* a copy, or NULL */
	size_t len;
	size_t early;			/* bytes that were made early data */
	size_t sent;			/* as ordinary data */
	const gnutls_datum_t *protocol; /* that it is for, of the configuration's; NULL: for any */
	bool replayable;
	bool own_socket;  /* there can be no second connection */
	bool again;	  /* the connection is made a second time */
	bool path_paused; /* the path to the host swallowed early data, and rests */
	enum tlsfo_early_data fate;
	enum tlsfo_withheld withheld; /* why, as far as it was decided */
};

/* Copies the data. False: no memory. */
must_check bool first_data_set(struct first_data *first, const void *data, size_t len,
	unsigned int flags, const gnutls_datum_t *protocol);

/* Wipes the data; what became of it stays. */
void first_data_wipe(struct first_data *first);

/* True when the data may travel early in a new session: what is known of the @ticket that was taken, or NULL, allows
 * it. */
must_check bool first_data_choose(
	struct first_data *first, const struct ticket *ticket, const struct tlsfo_config *config);

/* Hands data that may travel early to the new session; the ticket was @offered to it. */
void first_data_offer(struct first_data *first, gnutls_session_t session, bool offered);

/* After the handshake: what became of the early data, and whether the protocol is the one that the data is for. False:
 * the server has taken it and speaks another protocol, and the session is of no use. */
must_check bool first_data_check(
	struct first_data *first, gnutls_session_t session, const struct ticket *ticket);

/* After the handshake: sends what did not travel early. Returns 0, GNUTLS_E_AGAIN, or what io_write() failed with. */
must_check int first_data_send(struct first_data *first, struct io *io, struct waits *waits);

#endif
