/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_VISIT_H
#define SUPPORT_VISIT_H

/*
 * A visit: what a program on GnuTLS does that uses tlsfo at the transport rung. Its code is that of
 * any GnuTLS client, but for the one call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>
#include <tlsfo/tlsfo.h>

#include "support/capture.h"
#include "support/way.h"

struct visit {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	int fd;
	uint16_t port;	  /* the server's */
	bool asks_for_fd; /* gnutls_transport_get_int() tells it; with GnuTLS's engine it cannot */
	bool asks_for_events;	       /* with tlsfo_transport_events(), as early data wants it */
	unsigned int waits;	       /* polls during the handshake */
	struct tlsfo_opening *opening; /* of visit_offer(), or NULL */
};

/* A session and a socket, not yet brought together. The server's certificate is verified. */
void visit_prepare(struct visit *visit, const struct way *way, uint16_t port);

/* The same with more flags of gnutls_init(). */
void visit_prepare_with(
	struct visit *visit, const struct way *way, uint16_t port, unsigned int more_flags);

/* The one call: tlsfo_transport_set_fastopen() to the loopback address. */
void visit_attach(struct visit *visit, const struct way *way, unsigned int more_flags);

/* Both. */
void visit_open(struct visit *visit, const struct way *way, uint16_t port);

/*
 * In place of visit_attach(): the session is to be connected to all addresses of a host by <tlsfo/opening.h>, and the
 * socket goes. Then visit_connect() connects it and returns what came of that, and visit_handshake() follows.
 */
void visit_offer(struct visit *visit, const char *host, int64_t deadline);
int visit_connect(struct visit *visit, const struct way *way);

/* gnutls_handshake() in GnuTLS's poll-by-direction loop, to its end. Returns its last result. */
int visit_handshake(struct visit *visit);

/* The same as a program calls it that has timeouts of its own: at events, and every @step_ms. */
int visit_handshake_stepping(struct visit *visit, int step_ms);

/* Waits as GnuTLS's loop does, once. */
void visit_wait(struct visit *visit);

/* Writes and reads all of it, in the same loop. They end the test when they cannot. */
void visit_send(struct visit *visit, const void *data, size_t len);
void visit_receive(struct visit *visit, void *buf, size_t len);

/* Sends a line and gets it back from a server that echoes. */
void visit_echo(struct visit *visit);

struct tlsfo_report visit_report(struct visit *visit);

/* What a program does at the end, and the socket closed. */
void visit_close(struct visit *visit);

/* A whole visit that has to succeed: handshake, echo, end. */
void visit_whole(const struct way *way, uint16_t port);

/* Ends the test unless @packet carries one whole ClientHello record, of this session, and nothing
 * else. */
void visit_assert_hello(struct visit *visit, const struct capture_packet *packet);

/* The same for the first @len bytes of a stream. */
void visit_assert_hello_bytes(struct visit *visit, const unsigned char *bytes, size_t len);

/* Makes the ClientHello larger by an extension of @len bytes (of 4 to 16000); before the
 * handshake. */
void visit_grow_hello(struct visit *visit, size_t len);

/* The same for every session of this process, once. */
void visit_grow_hellos(size_t len);

#endif
