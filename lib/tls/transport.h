/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLS_TRANSPORT_H
#define TLS_TRANSPORT_H

/* The state between a session and its socket until the first flight is delivered. */

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include <tlsfo/report.h>
#include <tlsfo/transport.h>

#include "base/failure.h"
#include "net/attempt.h"
#include "tls/flight.h"

enum transport_phase {
	TRANSPORT_IDLE = 0,  /* nothing was sent */
	TRANSPORT_SENDING,   /* the flight is under way; GnuTLS keeps it and pushes again */
	TRANSPORT_GATHERING, /* a hello and its early data are kept until GnuTLS first reads; the
				client's flight, until it has a socket */
	TRANSPORT_HELD,	     /* a flight with early data is under way; we keep it */
	TRANSPORT_DIRECT     /* the flight is delivered */
};

/* A handshake hook of GnuTLS with a context, for incoming messages. */
typedef int (*transport_watch)(void *context, gnutls_session_t session, unsigned int type,
	unsigned int when, const gnutls_datum_t *message);

/* Whoever opens the connection of a program's session, and has the attempts that its transport uses. */
struct transport_opener {
	/* Everything up to the TLS session. Returns true when anything of the flight has left. */
	bool (*report)(struct transport_opener *opener, struct tlsfo_report *report);
	/* gnutls_deinit(): the transport is about to go. */
	void (*end)(struct transport_opener *opener);
};

struct tlsfo_transport {
	gnutls_session_t session;
	struct attempt *attempt; /* the client's record of the attempt, or the next */
	struct attempt own;
	struct flight held;
	int64_t flight_bytes; /* of the whole first flight, -1 before it was made */
	int64_t begun_us;
	uint64_t socket_cookie;
	int error;		/* a code of ours that ended it, or 0 */
	struct failure failure; /* the first that tlsfo_transport_error() told */
	enum transport_phase phase;
	enum tlsfo_engine engine;
	uint16_t retry_group;  /* what a HelloRetryRequest asked for, or 0 */
	transport_watch watch; /* of incoming messages; may be NULL */
	void *watch_context;
	struct trust *trust;		 /* the client's; NULL at the other rungs */
	struct transport_opener *opener; /* or NULL */
	bool watched;  /* the watch over what follows the SYN was begun, or the client watches */
	bool watching; /* the kernel watches, for us */
	bool acknowledged; /* TCP_QUICKACK was set behind the second flight, or the client does it */
	bool early_data;   /* the hello announced it */
	bool hello_retried; /* a HelloRetryRequest was seen */
	bool waits;	    /* TLSFO_TRANSPORT_WAIT */
	bool own_callbacks; /* the program's callbacks call ours; the session is left alone */
	bool allocated;	    /* the state is ours to free */
};

/*
 * The callbacks of the session become ours: @direct, those of a flight that is delivered. Before, while a flight is
 * held, the pull callbacks need the state, because they deliver it, and gnutls_transport_get_int() is wrong. This happens
 * only with early data, and the public header says so.
 */
void transport_set_callbacks(struct tlsfo_transport *transport, bool direct);

/* The session is to run over the attempt's socket, of which nothing is known yet. */
void transport_set_attempt(struct tlsfo_transport *transport, struct attempt *attempt);

/* Returns 0 when the session is a client's whose handshake has not begun, or the code that says why not. */
int transport_check_session(gnutls_session_t session);

/* The client's way in: takes the session's flight without sending it. What GnuTLS pushes is appended to ->held, and
 * reading says EAGAIN, or ENOTCONN when ->error is set, until transport_adopt() names the socket that the flight went
 * over. Returns 0 or GNUTLS_E_MEMORY_ERROR. */
int transport_capture(
	gnutls_session_t session, int64_t begun_us, struct tlsfo_transport **ret_transport);

/* Ends the capture: the session runs over the attempt's socket from now on. The attempt must outlive the
 * session. @own: nobody else watches over what follows the SYN. */
void transport_adopt(struct tlsfo_transport *transport, struct attempt *attempt, bool own);

/*
 * The callbacks of a session whose flight is delivered: system calls on the descriptor, which is the transport pointer.
 * They differ from GnuTLS's own in three things: SIGPIPE is never raised, the first failure is kept for the report,
 * and while the kernel watches over what follows a SYN with data (net/watch.h) they look whether it has arrived.
 */
ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len);
int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms);

/* True while a part of the first flight waits for the socket to be writable, although GnuTLS wants to read. */
bool transport_is_holding(const struct tlsfo_transport *transport);

/* The first cause, as an errno: of the attempt, or what a direct read or write met since. */
int transport_system_error(const struct tlsfo_transport *transport);

/* transport_report.c: fills in everything up to the TLS session. The attempt keeps those answers of the kernel that may change. */
void report_transport(struct tlsfo_transport *transport, struct tlsfo_report *report);

/* Fills in the session, when its handshake is over. */
void report_session(gnutls_session_t session, struct tlsfo_report *report);

void attempt_to_report(
	const struct attempt *attempt, int64_t begun_us, struct tlsfo_attempt *ret_attempt);

/* GnuTLS's engine (engine_gnutls.c): hands the session to gnutls_transport_set_fastopen(). */
void engine_gnutls_install(struct tlsfo_transport *transport);

/* GnuTLS makes the ClientHello and is about to send it. Does nothing with another engine. */
void engine_gnutls_begin(struct tlsfo_transport *transport);

/* Notes what GnuTLS did out of our sight, until it first reads. Does nothing with another engine. */
void engine_gnutls_look(struct tlsfo_transport *transport);

/* GnuTLS reads, and has pushed all of the first flight. */
void engine_gnutls_end(struct tlsfo_transport *transport);

/* Takes the errno function off a session that gets another engine. */
void engine_gnutls_remove(gnutls_session_t session);

#endif
