/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_WAY_H
#define TLSFO_BENCH_MANY_WAY_H

/*
 * A way to open a connection: with the library, or with GnuTLS alone. All do the same handshake with
 * the same certificates verified; what a program needs for it besides is the subject.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <gnutls/gnutls.h>

struct tlsfo_conn;

struct many_target {
	const char *ca_file;
	const char *host; /* an IPv4 address, which the certificate has */
	const char *port;
	struct sockaddr_storage address;
	socklen_t length;
};

/* One connection. A program has at least this much of it. */
struct many_conn {
	struct tlsfo_conn *conn;  /* of the client rung */
	gnutls_session_t session; /* of the others */
	int fd;
	bool connecting;
};

struct many_way {
	const char *name;
	bool blocking; /* start() does it all */
	/* What all connections share. 0 or a code. */
	int (*begin)(const struct many_target *target);
	void (*end)(void);
	/* As far as it goes without waiting: 0 it is open, GNUTLS_E_AGAIN, or a code. */
	int (*start)(const struct many_target *target, struct many_conn *conn);
	int (*advance)(struct many_conn *conn);
	/* What to wait for. */
	int (*descriptor)(const struct many_conn *conn);
	short (*events)(const struct many_conn *conn);
	int64_t (*deadline)(const struct many_conn *conn); /* milliseconds, -1: none */
	/* Sockets that it took. */
	uint64_t (*attempts)(struct many_conn *conn);
	void (*close)(struct many_conn *conn);
};

extern const struct many_way many_way_client;		  /* tlsfo's client rung */
extern const struct many_way many_way_transport;	  /* its transport rung */
extern const struct many_way many_way_transport_blocking; /* the same on a blocking socket */
extern const struct many_way many_way_plain;		  /* GnuTLS, connect(2) */
extern const struct many_way many_way_plain_blocking;	  /* the same on a blocking socket */
extern const struct many_way many_way_fastopen;		  /* gnutls_transport_set_fastopen() */
extern const struct many_way many_way_fastopen_blocking;  /* the same on a blocking socket */

#endif
