/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_WAY_H
#define SUPPORT_WAY_H

/*
 * The ways a fact has to hold in: IPv4 and IPv6, TLS 1.2 and 1.3, both engines, blocking and
 * non-blocking sockets. A program names those that matter for its fact, and its test runs once for
 * each.
 */

#include <stdbool.h>

#include "support/suite.h"

struct way {
	int family;	      /* AF_INET or AF_INET6 */
	const char *priority; /* a GnuTLS priority string */
	unsigned int engine;  /* TLSFO_TRANSPORT_SOCKET or TLSFO_TRANSPORT_GNUTLS */
	bool blocking;
	const void *row; /* of a table, or NULL */
};

#define WAY_TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define WAY_TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* What to restrict the matrix to. */
enum {
	WAY_ALL = 0,
	WAY_IPV4 = 1 << 0,
	WAY_IPV6 = 1 << 1,
	WAY_ONLY_TLS12 = 1 << 2,
	WAY_ONLY_TLS13 = 1 << 3,
	WAY_SOCKET = 1 << 4,
	WAY_GNUTLS = 1 << 5,
	WAY_BLOCKING = 1 << 6,
	WAY_NONBLOCKING = 1 << 7
};

/* What a row of a table begins with. */
struct way_fact {
	const char *name;
	unsigned int only;
};

/* Runs @count facts, each a row of a table, in every way that its own @only leaves: @rows is an array of
 * structs of @size bytes whose first member is a struct way_fact. */
int way_run_rows(
	const char *group, CMUnitTestFunction test, const void *rows, size_t size, size_t count);

/* Runs the fact in every way that @only leaves; the test's state is a const struct way *. Returns
 * the exit status of main(). */
int way_run(const char *fact, CMUnitTestFunction test, unsigned int only);

#endif
