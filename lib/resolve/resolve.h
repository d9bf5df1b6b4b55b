/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_RESOLVE_H
#define RESOLVE_RESOLVE_H

/*
 * Names to addresses as the system has them, without blocking: getaddrinfo(3), which blocks and cannot be
 * cancelled, is called in threads of our own. While an answer is outstanding, addresses may be taken from
 * ->answers as they come: wait for the descriptor until resolve_next(), and advance. An object is for one
 * thread at a time.
 */

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/failure.h"
#include "base/macros.h"
#include "resolve/answers.h"

/* At most so many threads make the calls of a process, and end when there is none to make. A call takes as
 * long as resolv.conf(5) allows a name server times their number, and keeps its thread as long. More names
 * than threads wait for one another. */
#define RESOLVE_THREADS 16

/*
 * The whole answer is that for both families in one call. Only in that call does the system walk its
 * sources (nsswitch.conf) and its search list for both at once, so that both are of one name and of one
 * source; by themselves the families may end at different hosts. It takes as long as the slower of the
 * two. So when it has run for 50 ms, each family is asked by itself too, for the name with a final dot:
 * its addresses are those that the first step of the whole answer's walk finds.
 */
enum { LOOKUP_WHOLE, LOOKUP_IPV6, LOOKUP_IPV4, LOOKUPS };

enum lookup_state { LOOKUP_IDLE, LOOKUP_WAITING, LOOKUP_RUNNING, LOOKUP_ANSWERED };

/* One call of getaddrinfo(3). */
struct lookup {
	TAILQ_ENTRY(lookup) entry; /* of the queue, while it waits or runs */
	struct resolve *resolve;
	const char *name;
	int family;
	enum lookup_state state;
	int64_t begun_us; /* of one that runs */
	int code;
	int error; /* errno, for EAI_SYSTEM */
	struct addrinfo *list;
};

struct resolve {
	int flags; /* of getaddrinfo(3) */
	int64_t begun_us;
	int64_t split_us;	/* ask for each family then; -1: never */
	struct answers answers; /* the addresses, with their port */
	/* Why no address came, naming the input: TLSFO_E_SERVICE_NOT_FOUND, TLSFO_E_NAME_NOT_FOUND (no such name, or
	 * one without an address), TLSFO_E_NAME_LOOKUP_FAILED (nobody could tell now), FAILURE_MEMORY. */
	struct failure failure;
	/* Under the lock, as the lookups are: */
	struct lookup lookups[LOOKUPS];
	unsigned int running; /* so many of them */
	int wake;      /* an eventfd, readable when an answer is there; -1: none is outstanding */
	bool freed;    /* by its owner: the last thread that is at it frees the memory */
	char *service; /* in the memory behind, as the names are */
};

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

/* The time in microseconds to advance at the latest though the descriptor is not readable; -1: never. */
int64_t resolve_next(const struct resolve *resolve, int64_t now_us);

/* Takes the answers that have come; may be called early. */
void resolve_advance(struct resolve *resolve, int64_t now_us);

#endif
