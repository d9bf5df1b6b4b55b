/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_HANDSHAKE_H
#define CLIENT_HANDSHAKE_H

/* A connection's TLS session: target, ticket and first data become a flight; then the handshake over the socket that
 * delivered it. */

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "base/failure.h"
#include "base/macros.h"
#include "client/config.h"
#include "client/first_data.h"
#include "client/tickets.h"
#include "net/waits.h"
#include "net/watch.h"
#include "tls/session.h"
#include "tls/transport.h"

/* What a handshake works with. All of it belongs to others and must outlive it. */
struct handshake_means {
	struct tlsfo_config *config;
	const char *host; /* for errors */
	const char *name; /* to send and to verify */
	struct tickets *tickets;
	struct first_data *first;
	struct waits *waits;
	struct failure *failure;
	int64_t begun_us;
	int64_t deadline; /* a path is not blamed after it: there can be no second connection to show it */
};

/* Zeros: there is no session. */
struct handshake {
	struct handshake_means means;
	gnutls_session_t session;
	struct tlsfo_transport *transport;
	int said;	       /* what gnutls_handshake() said last */
	unsigned int warnings; /* alerts that came in its place */
	uint16_t group;	       /* whose key share is offered first, or 0 */
	bool trust_tried;
	bool refused; /* the server's certificate was */
	bool accepted; /* it was: not the case for a session that is resumed, or without a certificate */
	int64_t over_us;     /* when it was, or 0 */
	int64_t early_again; /* bytes of it that were sent again when that was looked for last */
	int64_t early_due_us; /* something of a hello with early data is to be acknowledged by then, or -1 */
};

/* A new session makes its first flight, which is in ->transport->held then. @group: the server's, as far as it is
 * known, or 0. Returns 0 or a code. */
must_check int handshake_init(
	struct handshake *handshake, const struct handshake_means *means, uint16_t group);

void handshake_deinit(struct handshake *handshake);

/* Loads the trust store while the flight is under way, unless a ticket makes it hardly needed. Returns 0 or a code. */
must_check int handshake_prepare(struct handshake *handshake);

/* The flight was delivered over @attempt, which must outlive the session. @watch is over what follows. */
void handshake_adopt(
	struct handshake *handshake, struct attempt *attempt, const struct watch *watch);

/* Goes on as far as that is possible without waiting. Returns 0 when the handshake is over, GNUTLS_E_AGAIN, or a
 * code; only some failures have their words already. */
must_check int handshake_advance(struct handshake *handshake, int64_t now_us);

#endif
