/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_ANSWERS_H
#define RESOLVE_ANSWERS_H

/*
 * The addresses of one name as they come, their order, and what may be used when. The system's answer
 * for both families is the whole answer, and always right. The answers for one family alone come before
 * it when the other family is slow: IPv6 is used at once, IPv4 waits 50 ms for it (RFC 8305 §3). Pure:
 * the time is an argument.
 */

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/address.h"

/* RFC 8305 §3. */
#define ANSWERS_DELAY_MS 50

/* More addresses of a family than that are not kept. */
#define ANSWERS_MAX 32

struct answers {
	struct address list[2][ANSWERS_MAX]; /* IPv6, IPv4; those that were taken come first */
	size_t count[2];
	size_t taken[2];
	bool turn;	   /* the family that is next: false for IPv6, true for IPv4 */
	bool whole;	   /* the whole answer is there */
	bool heard6;	   /* that of IPv6 alone is there */
	int64_t delay_end; /* a deadline; DEADLINE_NEVER: no address yet */
};

void answers_init(struct answers *answers);

/* Adds the answer for @family alone, or for AF_UNSPEC the whole answer, which takes the place of the
 * others. The list may be empty. */
void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us);

/* Takes the address to be tried next. Each family's keep the system's order, and the families take
 * turns (RFC 8305 §4). False: there is none yet, or no more. */
must_check bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address);

/* True once waiting on is not worth it: the whole answer is there, or an address and the delay is over. */
bool answers_settled(const struct answers *answers, int64_t now_us);

/* When time alone changes what the above say: a deadline. */
int64_t answers_next(const struct answers *answers, int64_t now_us);

#endif
