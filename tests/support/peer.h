/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

/*
 * A server that does what a test wants: a child process that accepts one connection after the other
 * and calls the test's function for each. It is listening when peer_start() returns, and dies with
 * the test.
 *
 * What runs in the child may not use cmocka: it ends with peer_fail() when something is wrong,
 * which peer_stop() notices.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>

/* One accepted connection, in the child. */
struct peer_conn {
	int fd;
	gnutls_session_t session; /* handshake done; NULL when the peer speaks no TLS */
	int test;		  /* write here what peer_hear() is to read */
	const void *arg;
};

typedef void (*peer_body)(struct peer_conn *conn);

struct peer_options {
	int family;
	bool no_fastopen;	 /* the listener does not ask for fast open */
	bool nonblocking;	 /* the connection does not block once the handshake is done */
	bool no_tls;		 /* the body gets the bare connection */
	unsigned int resets;	 /* so many connections are reset as soon as they are accepted */
	bool tickets;		 /* it gives tickets: in TLS 1.3 when the body sends one */
	const char *certificate; /* name of the certificate; NULL is "server" */
	const char *priority;	 /* NULL is GnuTLS's default */
	const char *alpn;	 /* a protocol, or NULL */
	const char *asks_for;	 /* the CA whose client certificates it asks for, or NULL: any */
	bool requires;		 /* a client certificate */
	bool asks_later;	 /* for none in the handshake; gnutls_reauth() may be called */
	const void *arg;	 /* for the body */
	peer_body prepare;	 /* called before the handshake, or NULL */
};

struct peer {
	pid_t pid;
	uint16_t port;
	int test; /* what the bodies wrote */
};

void peer_start(struct peer *peer, const struct peer_options *options, peer_body body);

/* Ends the peer, and the test if a body called peer_fail(). */
void peer_stop(struct peer *peer);

/* Reads what a body wrote: waits for exactly @len bytes. */
void peer_hear(struct peer *peer, void *buf, size_t len);

/* Stops the peer for @ms milliseconds from now on; what the kernel does for it goes on. Returns
 * what peer_pause_end() is to wait for. */
pid_t peer_pause(const struct peer *peer, int ms);
void peer_pause_end(pid_t pause);

/* In the child: ends it as failed. */
_Noreturn void peer_fail(const char *what, int gnutls_code);

/* In the child: sends and receives all of it, or fails. */
void peer_send(struct peer_conn *conn, const void *buf, size_t len);
void peer_receive(struct peer_conn *conn, void *buf, size_t len);

/* In the child: reads what there is. Returns 0 at the end, however the client ended. */
size_t peer_receive_some(struct peer_conn *conn, void *buf, size_t len);

/* Bodies. */

/* Sends back what comes until the client ends its direction, then ends its own. */
void peer_echo(struct peer_conn *conn);
/* Waits for the client to go. */
void peer_listen(struct peer_conn *conn);
/* For no_tls: reads and answers nothing until the client goes. */
void peer_mute(struct peer_conn *conn);

#endif
