/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_TRANSPORT_H
#define TLS_TRANSPORT_H

/* The state between a session and its socket until the first flight is delivered. */

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>
#include <tlsfo/transport.h>

#include "net/attempt.h"
#include "tls/flight.h"

enum transport_phase {
	TRANSPORT_IDLE = 0,  /* nothing was sent */
	TRANSPORT_CAPTURING, /* pushes are kept for whoever delivers them (the client) */
	TRANSPORT_SENDING, /* the flight is under way; GnuTLS keeps what is left and pushes again */
	TRANSPORT_GATHERING, /* a hello and its early data are kept until GnuTLS first reads */
	TRANSPORT_HELD,	     /* the flight is under way; we keep what is left (blocking sockets, and
			      flights with early data) */
	TRANSPORT_DIRECT     /* the flight is delivered */
};

/* Is handed what a handshake hook is handed, and answers the same. */
typedef int (*transport_watch)(void *context, gnutls_session_t session, unsigned int type,
	unsigned int when, const gnutls_datum_t *message);

struct tlsfo_transport {
	gnutls_session_t session;
	struct attempt *attempt; /* the client's record of the attempt, or the next */
	struct attempt own;
	struct flight held;
	size_t held_sent;     /* how many of the held bytes the socket took */
	int64_t flight_bytes; /* of the whole first flight, -1 before it was made */
	size_t flight_left;   /* how many of its bytes the socket has not taken */
	int64_t begun_us;
	uint64_t socket_cookie;
	int error; /* a code of ours that ended it, or 0 */
	enum transport_phase phase;
	enum tlsfo_engine engine;
	uint16_t retry_group;  /* what a HelloRetryRequest asked for, or 0 */
	transport_watch watch; /* of incoming messages; may be NULL */
	void *watch_context;
	bool watched; /* the watch over what follows the SYN was begun, or the client watches */
	bool acknowledged; /* TCP_QUICKACK was set behind the second flight, or the client does it */
	bool early_data;   /* the hello announced it */
	bool hello_retried; /* a HelloRetryRequest was seen */
	bool blocking;
	bool own_callbacks; /* the program's callbacks call ours; the session is left alone */
	bool allocated;	    /* the state is ours to free */
};

/* The client's way in: takes the session's flight without sending it. What GnuTLS pushes is appended to ->held, and
 * reading says EAGAIN, until transport_adopt() names the socket that the flight went over. Returns 0 or
 * GNUTLS_E_MEMORY_ERROR. */
int transport_capture(
	gnutls_session_t session, int64_t begun_us, struct tlsfo_transport **ret_transport);

/* Ends the capture: the session runs over the attempt's socket from now on. The attempt must outlive the
 * session. */
void transport_adopt(struct tlsfo_transport *transport, struct attempt *attempt);

/* The first flight is delivered: the session reads from the socket without us in between, and soon writes so. */
void transport_go_direct(struct tlsfo_transport *transport);

/* The first cause, as an errno: of the attempt, or what a direct read or write met since. */
int transport_system_error(const struct tlsfo_transport *transport);

/* Whether a part of the first flight waits for the socket to be writable, although GnuTLS wants to read. */
bool transport_is_holding(const struct tlsfo_transport *transport);

/* transport_report.c: the report of which nothing is known. */
void report_init(struct tlsfo_report *report);

/* Everything up to the TLS session. Asks the kernel, and keeps those of its answers that may change. */
void report_transport(struct tlsfo_transport *transport, struct tlsfo_report *report);

/* The session, when its handshake is over. */
void report_session(gnutls_session_t session, struct tlsfo_report *report);

void attempt_to_report(
	const struct attempt *attempt, int64_t begun_us, struct tlsfo_attempt *ret_attempt);

/* The GnuTLS engine (engine_gnutls.c): hands the session to gnutls_transport_set_fastopen(). */
void engine_gnutls_install(struct tlsfo_transport *transport);

/* GnuTLS makes the ClientHello and is about to send it. Nothing with another engine. */
void engine_gnutls_begin(struct tlsfo_transport *transport);

/* Looks after what GnuTLS did out of our sight, until it first reads. Nothing with another engine. */
void engine_gnutls_look(struct tlsfo_transport *transport);

/* Takes back what would outlive it in a session that another engine gets. */
void engine_gnutls_remove(gnutls_session_t session);

#endif
