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
#include "base/address.h"

/* At most so many threads make the calls of a process, and end when there is none to make. A call takes as
 * long as resolv.conf(5) allows a name server times their number, and keeps its thread as long. More names
 * than threads wait for one another. */
#define RESOLVE_THREADS 16

#define ANSWERS_DELAY_US 50000 /* RFC 8305 §3 */
#define ANSWERS_MAX	 32    /* more addresses of a family are not kept */

/*
 * The addresses of one name as they come, their order, and which may be used when. The system's answer
 * for both families is the whole answer, and always right. The answers for one family alone come before
 * it when the other family is slow: IPv6 is used at once, IPv4 waits 50 ms for it (RFC 8305 §3). Zeros:
 * there is no answer yet.
 */
struct answers {
	struct address list[2][ANSWERS_MAX]; /* IPv6, IPv4; those that were taken come first */
	size_t count[2];
	size_t taken[2];
	bool turn;	    /* the family that is next: false for IPv6, true for IPv4 */
	bool heard6;	    /* the answer for IPv6 alone is there */
	int64_t settled_us; /* waiting on is not worth it from then on; 0: that is not known yet */
};

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

/* The answers are pure: the time is an argument. */

/* Adds the answer for @family alone, or for AF_UNSPEC the whole answer, which takes the place of the
 * others. The list may be empty. */
void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us);

/* Takes the address to be tried next. Each family's keep the system's order, and the families take
 * turns (RFC 8305 §4). False: there is none yet, or no more. */
must_check bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address);

/* True when the whole answer is there, or an address is and the delay is over. */
bool answers_settled(const struct answers *answers, int64_t now_us);

#endif
