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
#include "client/paths.h"
#include "client/waits.h"
#include "net/address.h"
#include "net/attempt.h"
#include "net/watch.h"
#include "race/race.h"
#include "store/ticket.h"
#include "tls/guard.h"
#include "tls/messages.h"
#include "tls/session.h"
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
	size_t early; /* bytes that were made early data */
	size_t sent;  /* as ordinary data */
	bool replayable;
	enum tlsfo_early_data fate;
	enum tlsfo_withheld withheld; /* why, as far as it was decided */
};

/* What the connection is about. */
enum conn_stage {
	CONN_RESOLVING = 0,
	CONN_OPENING, /* addresses may still come */
	CONN_HANDSHAKING,
	CONN_SENDING, /* the first data, as far as it did not travel early */
	CONN_PROVING, /* that it arrives, where another connection might carry it if not */
	CONN_OPEN,
	CONN_FAILED
};

/*
 * Records without data that are read on when the time is over: GnuTLS says GNUTLS_E_AGAIN after each
 * ticket and each key update, whatever has arrived behind it. A peer that sends nothing else must not
 * keep us.
 */
#define CONN_ASIDES_MOST 64

/* Room for the words of a failure, which only a connection that failed has. */
#define CONN_ERROR_SIZE 512

struct contest; /* of opening_socket.c */
struct resolve;

struct tlsfo_conn {
	struct tlsfo_config *config;
	char *host;  /* as given */
	char *ascii; /* the same to be looked up */
	char *name;  /* to verify and to send: without brackets, scope and final dot */
	char *service;
	int64_t deadline;

	struct waits waits;
	int64_t wake_us;	 /* advance then at the latest, or -1 */
	struct resolve *resolve; /* while addresses may come */

	struct address addresses[RACE_ADDRESSES];
	size_t address_count;
	struct attempt *attempts;
	size_t attempt_count;
	size_t race_first;  /* of these, the first of the race */
	struct watch watch; /* of what follows the SYN */
	int64_t early_due_us; /* something of a hello with early data is to be acknowledged by then, or -1 */

	struct contest *contest; /* while addresses are raced */

	struct identity identity;
	struct paths paths;
	struct ticket *ticket;	   /* taken from the store for this connection, or NULL */
	int64_t session_expires;   /* of a session of TLS 1.2 that was offered */
	int64_t session_full;	   /* when the session that was offered began: ticket.h */
	struct ticket_terms terms; /* of the NewSessionTicket under way */
	struct first_data first;

	gnutls_session_t session;
	struct session_checks checks; /* the session's, as the next two */
	struct guard guard;
	struct tlsfo_transport *transport;

	size_t pending_len; /* bytes of the program's in a half-sent record */
	size_t sent_ahead;  /* bytes of half-sent records that went out since, not yet told */

	unsigned int begun_by; /* the process, as forked_generation() tells it */
	int64_t begun_us;
	int64_t resolved_us;
	int64_t first_byte_us;
	int64_t handshake_us;

	char *error_text; /* CONN_ERROR_SIZE bytes, or NULL: nothing failed, or no memory */
	int error;
	int system_error;

	enum conn_stage stage;
	enum tlsfo_reason fell_back; /* why fast open was given up, or none */
	enum tlsfo_reconnect reconnected;
	enum conn_pending pending;
	unsigned int tickets_got;
	unsigned int warnings; /* alerts in the handshake */
	int fd;
	int handshake;	 /* what gnutls_handshake() said last */
	int write_error; /* sending failed while reading: for the next write */
	uint16_t group;	 /* the server's, whose key share is offered first, or 0 */

	bool plain_only;     /* connecting again because the path swallows */
	bool ticket_offered; /* to the session in use */
	bool session_owed;   /* a session of TLS 1.2 is still to be kept */
	bool terms_known;
	bool ready;	   /* the handshake is over */
	bool canceled;	   /* the server sent user_canceled, and GnuTLS has ended the session */
	bool write_ended;  /* close_notify was sent */
	bool read_ended;   /* the peer has closed its direction */
	bool refusal_owed; /* no_renegotiation is to be sent */
	bool refused;	   /* a negotiation anew, in TLS 1.2 */
	bool reauth_owed;  /* the server asked for a client certificate after the handshake */
};

/*
 * failure.c: keeps the first error with its text and returns @code; what comes later is a consequence. @error
 * is an errno, or 0.
 */
int conn_fail(struct tlsfo_conn *conn, int code, int error, const char *format, ...)
	format_printf(4, 5);

/* failure.c: the failure when there is no memory. */
int conn_fail_memory(struct tlsfo_conn *conn);

/* resolve.c: begins to look the host up. 0 or a code. */
must_check int conn_resolve_begin(struct tlsfo_conn *conn);

/* resolve.c: takes the addresses that have come, and waits for the others. ->resolve is NULL when that
 * were all. 0 or a code. */
must_check int conn_resolve_advance(struct tlsfo_conn *conn, int64_t now_us);

/* await.c: one more thing to wait for. Returns GNUTLS_E_AGAIN, or a code. */
must_check int conn_await(struct tlsfo_conn *conn, int fd, short events);

/* await.c: advance again at @us at the latest; -1 is no limit. */
void conn_wake_at(struct tlsfo_conn *conn, int64_t us);

/* advance.c: advances and waits until the connection is open, or has failed. */
must_check int conn_run(struct tlsfo_conn *conn);

/* advance.c: ends whatever opening the connection has under way. */
void conn_stop_opening(struct tlsfo_conn *conn);

/* advance.c: the same, and what was only for opening goes: the ticket back, if nobody can have seen it. */
void conn_end_opening(struct tlsfo_conn *conn);

/* conn_io.c: as gnutls_record_recv(), but always comes back; the alert user_canceled of TLS 1.3 is an end. */
ssize_t conn_receive(struct tlsfo_conn *conn, void *buf, size_t len);

/* handshake.c: notes when the peer's first byte could be read over @attempt, if it can. */
void conn_note_first_byte(struct tlsfo_conn *conn, const struct attempt *attempt);

/* handshake.c: a new session in place of the old one. */
must_check int conn_new_session(struct tlsfo_conn *conn);

/* handshake.c: the trust store, where it is needed. */
must_check int conn_load_trust(struct tlsfo_conn *conn);

/* handshake.c: handshakes as far as that goes without waiting: 0, GNUTLS_E_AGAIN, or a code. */
must_check int conn_handshake(struct tlsfo_conn *conn);

/* await.c: waits for @fd until @deadline, TLSFO_NOW too. Returns 0, GNUTLS_E_TIMEDOUT or
 * TLSFO_E_SYSTEM with errno. */
must_check int conn_wait(int fd, short events, int64_t deadline);

/* handshake.c: what the transport is told of the session's messages. */
void conn_watch(struct tlsfo_conn *conn);

/* paths.c: whether another connection may take the place of this one where the path swallows. */
bool conn_is_replaceable(const struct tlsfo_conn *conn);

/* reconnect.c: after @code, whether one new connection without early data may help; makes
 * everything ready for it then. */
must_check bool conn_reconnect(struct tlsfo_conn *conn, int code);

/* explain.c: a failure of GnuTLS with the cause in words. */
int conn_fail_tls(struct tlsfo_conn *conn, int code);

#endif
