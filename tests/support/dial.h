/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_DIAL_H
#define SUPPORT_DIAL_H

/*
 * The socket rung (tlsfo/socket.h) in its kinds: IPv4, IPv6 and IPv4-mapped addresses, blocking and
 * non-blocking. Calls pick the function for the kind; the address is the loopback's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "support/suite.h"

struct dial {
	int family;  /* of the wire: AF_INET or AF_INET6 */
	bool mapped; /* IPv4 on an IPv6 socket */
	bool blocking;
	const void *row; /* of a table, or NULL */
};

/* What a row of a table begins with. */
struct dial_fact {
	const char *name;
};

/* Runs each of the @count facts for all kinds; @rows is an array of structs of @size bytes whose first member is a
 * struct dial_fact. The state is a const struct dial *. */
int dial_run_rows(
	const char *group, CMUnitTestFunction test, const void *rows, size_t size, size_t count);

/* Runs the fact with one mode of socket only. */
int dial_run_blocking(const char *fact, CMUnitTestFunction test);
int dial_run_nonblocking(const char *fact, CMUnitTestFunction test);

int dial_socket(const struct dial *dial);
int dial_connect(const struct dial *dial, int fd, uint16_t port);
ssize_t dial_fastopen(const struct dial *dial, int fd, uint16_t port, const void *buf, size_t len);

/* Waits for an event of poll(2); ends the test when it does not come. Returns what came. */
short dial_wait(int fd, short events);

/* Reads exactly @len bytes and compares them with @expected. */
void dial_expect(int fd, const void *expected, size_t len);

#endif
