/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_LOOKUP_H
#define RESOLVE_LOOKUP_H

/*
 * getaddrinfo(3) without waiting for it. The call blocks and cannot be cancelled, so threads of our own
 * make it: at most LOOKUP_THREADS of them in a process, which end when no lookup is left. A lookup
 * that is freed before its turn is never made; the thread of one that is freed later ends by itself.
 */

#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

/* A lookup takes as long as resolv.conf(5) allows a name server times their number, and keeps its
 * thread as long. More lookups than threads wait for one another. */
#define LOOKUP_THREADS 16

struct lookup;

struct lookup_answer {
	int code;  /* of getaddrinfo(3) */
	int error; /* errno, for EAI_SYSTEM */
	const struct addrinfo *list;
};

/*
 * Looks @name up; the strings are copied. @service may be NULL, and the port is 0 then. The eventfd
 * @wake becomes readable when the answer is there; it must stay open until lookup_free().
 * Returns: the lookup, or NULL with errno.
 */
must_check struct lookup *lookup_start(
	const char *name, const char *service, int family, int flags, int wake);

/* When getaddrinfo(3) was called; DEADLINE_NEVER: not yet. */
int64_t lookup_begun_us(struct lookup *lookup);

/* True when the answer is there; it is the lookup's, and goes with it. */
must_check bool lookup_answered(struct lookup *lookup, struct lookup_answer *ret_answer);

/* Ends the lookup at any moment; NULL is ignored. */
void lookup_free(struct lookup *lookup);

#endif
