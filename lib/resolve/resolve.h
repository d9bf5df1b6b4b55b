/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_RESOLVE_H
#define RESOLVE_RESOLVE_H

/*
 * Names to addresses, without blocking:
 *
 *	resolve = resolve_start(host, service, AF_UNSPEC, clock_us());
 *	while (resolve_status(resolve) == RESOLVE_ASKING) {
 *		while (resolve_take(resolve, clock_us(), &address))
 *			use(&address);
 *		now_us = clock_us();
 *		count = resolve_wait(resolve, fds);
 *		poll(fds, count, deadline_poll(resolve_next(resolve, now_us), now_us));
 *		resolve_advance(resolve, fds, count, clock_us());
 *	}
 *
 * IPv4 and IPv6 are asked for together, and each answer may be used while the other is outstanding.
 * An object is for one thread at a time. Who answers is one of the files backend_*.c.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/address.h"

/* The most descriptors that resolve_wait() tells. */
#define RESOLVE_FDS_MAX 16

/* The most addresses that one resolution yields. */
#define RESOLVE_ADDRESSES_MAX 64

enum resolve_status {
	RESOLVE_ASKING, /* an answer is outstanding; addresses may be there */
	RESOLVE_DONE,	/* all answers came, with one address at least */
	/* The failures; resolve_error() has the words. */
	RESOLVE_NO_SERVICE,
	RESOLVE_NO_ADDRESS, /* of the name, as far as anybody can tell */
	RESOLVE_NO_MEMORY
};

struct resolve;

/*
 * Begins. An address in text (in brackets, with a scope) and "localhost" ask nobody; other names are
 * asked of the hosts file and the name servers.
 * @host: in ASCII
 * @service: a port number or a name
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for both
 *
 * Returns: the resolution, which resolve_free() ends, also one that has failed; NULL without memory.
 */
must_check struct resolve *resolve_start(
	const char *host, const char *service, int family, int64_t now_us);

/* Ends the resolution at any moment; NULL is ignored. */
void resolve_free(struct resolve *resolve);

enum resolve_status resolve_status(const struct resolve *resolve);

/* What to wait for until resolve_next(). Returns the number of descriptors. */
size_t resolve_wait(const struct resolve *resolve, struct pollfd fds[RESOLVE_FDS_MAX]);

/* The time to call again at the latest though no descriptor is ready: a deadline. */
int64_t resolve_next(const struct resolve *resolve, int64_t now_us);

/* Goes on after poll(2), with the events that it found; with none at all too. */
void resolve_advance(
	struct resolve *resolve, const struct pollfd *fds, size_t count, int64_t now_us);

/* Takes the address, with its port, to be tried next: as RFC 6724 sorts and RFC 8305 interleaves
 * what has come so far. IPv4 alone waits 50 ms for IPv6. False: there is none now. */
must_check bool resolve_take(struct resolve *resolve, int64_t now_us, struct address *ret_address);

/* True when one who wants all addresses at once should wait no longer: all answers came, or 50 ms
 * have passed since the first that held an address. */
bool resolve_settled(const struct resolve *resolve, int64_t now_us);

/* Why it failed, naming the input; without a full stop, empty while nothing has failed. */
const char *resolve_error(const struct resolve *resolve);

#endif
