/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_RESOLVE_H
#define RESOLVE_RESOLVE_H

/*
 * Names to addresses as the system has them, without blocking: getaddrinfo(3), which blocks and cannot be
 * cancelled, is called in threads of our own. While the status is RESOLVE_ASKING, addresses may be taken as
 * they come; wait for the descriptor until resolve_next(), and advance. An object is for one thread at a
 * time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/address.h"

/* At most so many threads make the calls of a process, and end when there is none to make. A call takes as
 * long as resolv.conf(5) allows a name server times their number, and keeps its thread as long. More names
 * than threads wait for one another. */
#define RESOLVE_THREADS 16

enum resolve_status {
	RESOLVE_ASKING, /* an answer is outstanding; addresses may be there */
	RESOLVE_DONE,	/* all answers came, with one address at least */
	/* The failures; resolve_error() has the words. */
	RESOLVE_NO_SERVICE,
	RESOLVE_NO_ADDRESS, /* no such name, or it has no address */
	RESOLVE_FAILED,	    /* nobody could tell now */
	RESOLVE_NO_MEMORY
};

struct resolve;

/*
 * Begins. For an address in text (in brackets, with a scope) and a port nothing is waited for.
 * @host: in ASCII; something, and without blanks and control characters
 * @service: a port number or a name
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for both
 *
 * Returns: the resolution, which resolve_free() ends, also one that has failed; or NULL with errno.
 */
must_check struct resolve *resolve_start(
	const char *host, const char *service, int family, int64_t now_us);

/* Ends the resolution at any moment; NULL is ignored. A call that waits for a thread is never made, and the
 * thread of one that runs ends by itself. */
void resolve_free(struct resolve *resolve);

enum resolve_status resolve_status(const struct resolve *resolve);

/* What becomes readable when an answer is there, until the status is no longer RESOLVE_ASKING. */
int resolve_fd(const struct resolve *resolve);

/* The time to advance at the latest though the descriptor is not readable: a deadline. */
int64_t resolve_next(const struct resolve *resolve, int64_t now_us);

/* Takes the answers that have come; may be called early. */
void resolve_advance(struct resolve *resolve, int64_t now_us);

/* Takes the address, with its port, to be tried next (answers.h). False: there is none now. */
must_check bool resolve_take(struct resolve *resolve, int64_t now_us, struct address *ret_address);

/* True when one who wants all addresses at once should wait no longer: all answers came, or 50 ms
 * have passed since the first that held an address. */
bool resolve_settled(const struct resolve *resolve, int64_t now_us);

/* Why it failed, naming the input; without a full stop, empty while nothing has failed. */
const char *resolve_error(const struct resolve *resolve);

#endif
