/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cookies ahead of need: a SYN without data to every address, and nothing after it. */

#include "open/opening.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "net/stream.h"
#include "net/tcp_facts.h"

/* Every candidate gets an attempt. Returns 0 or GNUTLS_E_MEMORY_ERROR. */
static int ask_all(struct opening *opening)
{
	for (size_t i = 0; i < opening->candidates.count; i++) {
		struct attempt *attempt = opening_attempt(opening, i, false);

		if (attempt == NULL)
			return GNUTLS_E_MEMORY_ERROR;
		if (attempt->state == ATTEMPT_IDLE && attempt_send(attempt, NULL, 0) < 0 &&
			errno != EAGAIN && errno != EINTR)
			attempt_close(attempt);
	}
	return 0;
}

static void look(const struct waits *waits, struct attempt *attempt)
{
	if (attempt->state != ATTEMPT_CONNECTING || waits_found(waits, attempt->fd) == 0)
		return;
	int error = stream_error(attempt->fd);
	if (error == 0) {
		attempt_connected(attempt, clock_us());
		return;
	}
	attempt_failed(attempt, error);
	attempt_close(attempt);
}

/* 0, or -1 with errno. */
static int wait_for_all(struct opening *opening, int64_t deadline)
{
	struct waits *waits = opening->means.waits;

	for (;;) {
		bool waiting = false;

		for (size_t i = 0; i < opening->attempt_count; i++) {
			struct attempt *attempt = &opening->attempts[i];

			look(waits, attempt);
			/* One that there is no memory to wait for has failed at the deadline. */
			if (attempt->state == ATTEMPT_CONNECTING)
				waiting = waits_add(waits, attempt->fd, POLLOUT) || waiting;
		}
		if (!waiting || deadline_passed(deadline, clock_us()))
			return 0;
		if (waits_publish(waits) != 0 ||
			(waits_poll(waits, deadline_poll(deadline, clock_us())) != 0 &&
				errno != EINTR))
			return -1;
	}
}

int opening_prime(struct opening *opening, int64_t deadline)
{
	int ret = ask_all(opening);
	int cookies = 0;
	bool connected = false;
	struct address local;

	if (ret == 0 && wait_for_all(opening, deadline) != 0)
		ret = failure_set(
			opening->means.failure, TLSFO_E_SYSTEM, errno, "poll: %s", strerror(errno));
	for (size_t i = 0; i < opening->attempt_count; i++) {
		struct attempt *attempt = &opening->attempts[i];

		if (ret == 0 && attempt->state == ATTEMPT_CONNECTED) {
			connected = true;
			cookies += stream_local_address(attempt->fd, &local) &&
				   tcp_cookie_known(&local, &attempt->address) == 1;
		} else if (ret == 0) {
			attempt_failed(attempt, ETIMEDOUT);
		}
		attempt_close(attempt);
	}
	if (ret != 0 || connected)
		return ret != 0 ? ret : cookies;
	return opening_failed(opening,
		deadline_passed(deadline, clock_us()) ? GNUTLS_E_TIMEDOUT : TLSFO_E_NOT_CONNECTED);
}
