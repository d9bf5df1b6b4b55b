/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_CONN_H
#define CLIENT_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/client.h>

#include "base/macros.h"
#include "client/config.h"
#include "client/identity.h"
#include "net/address.h"
#include "net/attempt.h"
#include "store/ticket.h"
#include "tls/messages.h"
#include "tls/transport.h"

/* What GnuTLS keeps because the socket did not take all of it. */
enum conn_pending {
	PENDING_NOTHING = 0,
	PENDING_DATA,
	PENDING_ALERT,
	PENDING_CLOSE /* the alert close_notify */
};

/* What the program wants to be carried first. */
struct first_data {
	unsigned char *data; /* a copy, or NULL */
	size_t len;
	size_t early; /* bytes that left as early data */
	bool replayable;
	enum tlsfo_early_data fate;
};

struct tlsfo_conn {
	struct tlsfo_config *config;
	char *host; /* as given */
	char *name; /* to verify and to send: without brackets, scope and final dot */
	char *service;
	int64_t deadline;
	enum tlsfo_engine engine; /* the one in use */

	struct address *addresses;
	size_t address_count;
	struct attempt *attempts; /* room for one an address */
	size_t attempt_count;

	struct identity identity;
	struct ticket ticket; /* taken from the store for this connection */
	bool ticket_taken;
	bool ticket_offered;	 /* to the session in use */
	int64_t session_expires; /* of a session of TLS 1.2 that was offered */
	bool session_owed;	 /* a session of TLS 1.2 is still to be kept */
	unsigned int tickets_got;
	struct ticket_terms terms; /* of the NewSessionTicket under way */
	bool terms_known;
	struct first_data first;
	enum tlsfo_reconnect reconnected;
	uint16_t group; /* the server's, whose key share is offered first, or 0 */

	gnutls_session_t session;
	struct tlsfo_transport *transport; /* the session's */
	int fd;
	int handshake;	  /* what gnutls_handshake() said last */
	bool ready;	  /* the handshake is over */
	bool write_ended; /* close_notify was sent */

	enum conn_pending pending;
	size_t pending_len; /* bytes of the program's in a half-sent record */
	size_t sent_ahead;  /* bytes of half-sent records that went out since, not yet told */
	bool refusal_owed;  /* no_renegotiation is to be sent */
	int write_error;    /* sending failed while reading: for the next write */

	int64_t begun_us;
	int64_t resolved_us;
	int64_t first_byte_us;
	int64_t handshake_us;

	int error;
	int system_error;
	char error_text[512];
};

/*
 * Keeps the first error with its text and returns @code; what comes later is a consequence. @error
 * is an errno, or 0.
 */
int conn_fail(struct tlsfo_conn *conn, int code, int error, const char *format, ...)
	format_printf(4, 5);

/* resolve.c: fills the addresses. */
must_check int conn_resolve(struct tlsfo_conn *conn);

/* How an engine opens a connection. Both return 0, or a code that ends the whole connection;
 * ->attempt also -1: this address failed, and the attempt has the errno. */
struct opening {
	/* Before the first attempt; may be NULL. */
	int (*begin)(struct tlsfo_conn *conn);
	/* Connects to the attempt's address until @deadline, and sends the flight there. */
	int (*attempt)(struct tlsfo_conn *conn, struct attempt *attempt, int64_t deadline);
};

extern const struct opening opening_socket; /* opening_socket.c */
extern const struct opening opening_gnutls; /* opening_gnutls.c */

/* opening.c: tries one address after the other until one connects. */
must_check int conn_open(struct tlsfo_conn *conn, const struct opening *opening);

/* handshake.c: a new session in place of the old one. */
must_check int conn_new_session(struct tlsfo_conn *conn);

/* handshake.c: the trust store, where it is needed. */
must_check int conn_load_trust(struct tlsfo_conn *conn);

/* handshake.c: handshakes to the end. */
must_check int conn_handshake(struct tlsfo_conn *conn);

/* handshake.c: waits for @fd until @deadline, TLSFO_NOW too. Returns 0, GNUTLS_E_TIMEDOUT or
 * TLSFO_E_SYSTEM with errno. */
must_check int conn_wait(int fd, short events, int64_t deadline);

/* handshake.c: the events that GnuTLS waits for. */
short conn_direction(const struct tlsfo_conn *conn);

/* handshake.c: what the transport is told of the session's messages. */
void conn_watch(struct tlsfo_conn *conn);

/* reconnect.c: after @code, makes one new connection without early data if that may help. Returns
 * its outcome, or @code. */
must_check int conn_reconnect(struct tlsfo_conn *conn, int code);

/* connect.c: the way from addresses to an open session that has carried the first data. */
must_check int conn_run(struct tlsfo_conn *conn);

/* handshake.c: a failure of GnuTLS with the cause in words. */
int conn_fail_tls(struct tlsfo_conn *conn, int code);

#endif
