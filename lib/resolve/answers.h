/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_ANSWERS_H
#define RESOLVE_ANSWERS_H

/*
 * The addresses of one name as they come, their order, and which may be used when. The system's answer
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

#define ANSWERS_DELAY_US 50000 /* RFC 8305 §3 */
#define ANSWERS_MAX	 32    /* more addresses of a family are not kept */

/* Zeros: there is no answer yet. */
struct answers {
	struct address list[2][ANSWERS_MAX]; /* IPv6, IPv4; those that were taken come first */
	size_t count[2];
	size_t taken[2];
	bool turn;	    /* the family that is next: false for IPv6, true for IPv4 */
	bool heard6;	    /* the answer for IPv6 alone is there */
	int64_t settled_us; /* waiting on is not worth it from then on; 0: that is not known yet */
};

/* Adds the answer for @family alone, or for AF_UNSPEC the whole answer, which takes the place of the
 * others. The list may be empty. */
void answers_add(struct answers *answers, int family, const struct addrinfo *list, int64_t now_us);

/* Takes the address to be tried next. Each family's keep the system's order, and the families take
 * turns (RFC 8305 §4). False: there is none yet, or no more. */
must_check bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address);

/* True when the whole answer is there, or an address is and the delay is over. */
bool answers_settled(const struct answers *answers, int64_t now_us);

#endif
