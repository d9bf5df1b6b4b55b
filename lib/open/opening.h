/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPEN_OPENING_H
#define OPEN_OPENING_H

/*
 * From addresses to one connected socket that carried a session's first flight. The session makes its flight once, and
 * each attempt carries it whole to one address; which attempt starts when, and which wins, is the schedule of
 * race/race.h. Nothing here waits: opening_advance() goes on with what has become possible, and what it
 * waits for is then in ->waits. Addresses may come while this goes on.
 *
 * An opening knows nothing of the session but the bytes of its flight. It may race again with another flight.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/client.h>

#include "base/failure.h"
#include "base/macros.h"
#include "net/attempt.h"
#include "net/waits.h"
#include "open/knowledge.h"
#include "race/race.h"
#include "race/verdict.h"
#include "tls/flight.h"
#include "tls/transport.h"

/* What an opening works with. All of it belongs to others and must outlive it. */
struct opening_means {
	const struct address *local; /* to bind to, or of no family */
	tlsfo_socket_hook_fn hook;   /* or NULL */
	void *hook_data;
	struct knowledge *knowledge;
	struct waits *waits;
	struct failure *failure;
	int socket; /* connected already: the first attempt takes it over; -1: there is none */
};

/* Zeros and the means: nothing was begun. */
struct opening {
	struct opening_means means;
	struct candidates candidates;
	struct attempt *attempts; /* of all races */
	size_t attempt_count;
	size_t first;	   /* of these, the first of the last race */
	struct race *race; /* until it is over, or NULL */
	const struct flight *flight;
	bool early_data; /* there is some in the flight */
	bool judged;	 /* the last race was won, and the next is filled */
	struct race_verdict verdict;
};

/* Closes every socket. */
void opening_deinit(struct opening *opening);

/* Begins a race over the candidates there are. The flight must stay until it is over. Returns 0 or
 * GNUTLS_E_MEMORY_ERROR. */
must_check int opening_race(
	struct opening *opening, const struct flight *flight, bool fast_open, bool early_data);

/* Candidates have come, or were the last: @end. */
void opening_add(struct opening *opening, bool end);

/* Returns 0 and the attempt that won and has delivered the flight, GNUTLS_E_AGAIN, or a code that is in ->failure
 * too. */
must_check int opening_advance(
	struct opening *opening, int64_t now_us, struct attempt **ret_winner);

/* Ends a race that nobody has won; its sockets are closed. */
void opening_stop(struct opening *opening);

/* The deadline has passed: the attempts under way failed by that. Returns the failure. */
must_check int opening_expire(struct opening *opening);

/*
 * In place of a race: connects to every candidate with an empty SYN that asks for a cookie, and closes everything when
 * all were answered or failed, or @late: the deadline has passed. Returns GNUTLS_E_AGAIN; 0; or a code,
 * GNUTLS_E_TIMEDOUT or TLSFO_E_NOT_CONNECTED when none was connected to. The attempts know who gave a cookie.
 */
must_check int opening_prime(struct opening *opening, bool late);

/* Fast open and every attempt. @transport: the session's, or NULL. @adopted: the attempt that it runs over, or NULL.
 * Returns true when anything of the flight has left. */
bool opening_report(const struct opening *opening, struct tlsfo_transport *transport,
	const struct attempt *adopted, int64_t begun_us, struct tlsfo_report *report);

#endif
