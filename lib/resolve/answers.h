/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RESOLVE_ANSWERS_H
#define RESOLVE_ANSWERS_H

/*
 * The answers of one resolution as they come, and what may be used when: IPv6 at once, IPv4 after a
 * delay in which the IPv6 answer may still come (RFC 8305 §3). Pure: the time is an argument.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "net/address.h"
#include "resolve/order.h"

/* RFC 8305 §3. */
#define ANSWERS_RESOLUTION_DELAY_MS 50

/* More addresses than that are not kept: nobody would live to see them tried. Each family may fill
 * one half. */
#define ANSWERS_MAX 64

/* What became of the question for one family. Of two, the larger explains why there is no address. */
enum answer {
	ANSWER_ADDRESSES = 0,
	ANSWER_NO_ADDRESS, /* the name has none of this family */
	ANSWER_NO_NAME,
	ANSWER_BAD_NAME,
	ANSWER_FAILED,
	ANSWER_UNREACHABLE,
	ANSWER_TIMEOUT,
	ANSWER_NO_MEMORY
};

struct answers {
	struct candidate list[ANSWERS_MAX]; /* those not taken, in their order */
	size_t count;
	size_t found; /* with those taken */
	bool asking4;
	bool asking6;
	bool found6;
	int last_family;
	int64_t delay_end; /* when the resolution delay ends; DEADLINE_NEVER: no address yet */
	enum answer worst;
};

/* @family is asked for: AF_INET, AF_INET6, or AF_UNSPEC for both. */
void answers_init(struct answers *answers, int family);

/* Whether answers_add() would take the address: it is not there, and there is room for its family. */
must_check bool answers_want(const struct answers *answers, const struct address *address);

/* Adds an address, if it is wanted. */
void answers_add(struct answers *answers, const struct candidate *candidate);

/* The question for @family is answered, and its addresses were added. */
void answers_end(struct answers *answers, int family, enum answer answer, int64_t now_us);

/* True while an answer is outstanding. */
bool answers_asking(const struct answers *answers);

/* Takes the address to be tried next. False: there is none yet, or no more. */
must_check bool answers_take(struct answers *answers, int64_t now_us, struct address *ret_address);

/* True once waiting on is not worth it: all answers are there, or some and the delay is over. */
bool answers_settled(const struct answers *answers, int64_t now_us);

/* When time alone changes what the above say: a deadline. */
int64_t answers_next(const struct answers *answers, int64_t now_us);

#endif
