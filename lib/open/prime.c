/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fetches cookies before they are needed: sends a SYN without data to every address, and nothing after it. */

#include "open/opening.h"

#include <errno.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/tcp_facts.h"

/* Makes an attempt to every candidate. False: no memory. */
static bool ask_all(struct opening *opening)
{
	for (size_t i = 0; i < opening->candidates.count; i++) {
		struct attempt *attempt = opening_attempt(opening, i, false);

		if (attempt == NULL)
			return false;
		if (attempt->state == ATTEMPT_IDLE && attempt_send(attempt, NULL, 0) < 0 &&
			errno != EAGAIN && errno != EINTR)
			attempt_close(attempt);
	}
	return true;
}

/* Looks what became of an attempt. True: it is still to be waited for. */
static bool is_awaited(struct waits *waits, struct attempt *attempt, short found)
{
	if (attempt->state != ATTEMPT_CONNECTING)
		return false;
	int error = found != 0 ? stream_error(attempt->fd) : EAGAIN;
	/* Without memory to wait for it the attempt counts as failed. */
	if (error == EAGAIN)
		return waits_add(waits, attempt->fd, POLLOUT);
	if (error == 0) {
		attempt_connected(attempt, clock_us());
		return false;
	}
	attempt_failed(attempt, error);
	attempt_close(attempt);
	return false;
}

int opening_prime(struct opening *opening, bool late)
{
	struct address local;
	bool waiting = false;
	bool connected = false;
	int cookies = 0;
	bool begins = opening->attempt_count == 0;

	if (begins && !ask_all(opening))
		return GNUTLS_E_MEMORY_ERROR;
	for (size_t i = 0; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];
		/* A new socket may have the number of a descriptor that the names came over, and what was
		 * found of that says nothing of it. */
		short found = begins ? 0 : waits_found(opening->means.waits, attempt->fd);

		waiting = is_awaited(opening->means.waits, attempt, found) || waiting;
	}
	if (waiting && !late)
		return GNUTLS_E_AGAIN;
	for (size_t i = 0; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTED) {
			connected = true;
			cookies += stream_local_address(attempt->fd, &local) &&
				   tcp_cookie_known(&local, &attempt->address) == 1;
		} else {
			attempt_failed(attempt, ETIMEDOUT);
		}
		attempt_close(attempt);
	}
	if (connected)
		return cookies;
	return opening_failed(opening, late ? GNUTLS_E_TIMEDOUT : TLSFO_E_NOT_CONNECTED);
}
