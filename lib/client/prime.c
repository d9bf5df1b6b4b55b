/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cookies ahead of need: a SYN without data to every address, and nothing after it. */

#include "client/conn.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/opening.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "resolve/resolve.h"

/* Publishes what is awaited, and waits for it. */
static int wait_once(struct tlsfo_conn *conn)
{
	int64_t deadline = deadline_earlier(conn->deadline, deadline_of_us(conn->wake_us));

	conn->wake_us = -1;
	if (waits_publish(&conn->waits) == 0 &&
		(waits_poll(&conn->waits, deadline_poll(deadline, clock_us())) == 0 ||
			errno == EINTR))
		return 0;
	return conn_fail(conn, TLSFO_E_SYSTEM, errno, "poll: %s", strerror(errno));
}

static int resolve_all(struct tlsfo_conn *conn)
{
	int ret = conn_resolve_begin(conn);

	while (ret == 0 && conn->resolve != NULL) {
		ret = conn_resolve_advance(conn, clock_us());
		if (ret != 0 || conn->resolve == NULL)
			break;
		/* A name server that is silent about one family must not keep the other. */
		if (conn->address_count > 0 && resolve_settled(conn->resolve, clock_us())) {
			resolve_free(conn->resolve);
			conn->resolve = NULL;
			break;
		}
		if (deadline_passed(conn->deadline, clock_us()))
			return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
				"%s: the name was not resolved before the deadline", conn->host);
		ret = wait_once(conn);
	}
	/* What was awaited for the names is closed, and sockets may get its numbers: what was found of it must
	 * not be taken for what became of them. */
	waits_deinit(&conn->waits);
	conn->resolved_us = clock_us() - conn->begun_us;
	return ret;
}

static void ask(struct attempt *attempt)
{
	if (attempt->state != ATTEMPT_IDLE)
		return;
	if (attempt_send(attempt, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR)
		attempt_close(attempt);
}

static void look(struct tlsfo_conn *conn, struct attempt *attempt)
{
	short found = waits_found(&conn->waits, attempt->fd);

	if (attempt->state != ATTEMPT_CONNECTING || found == 0)
		return;
	int error = stream_error(attempt->fd);
	if (error == 0) {
		attempt_connected(attempt, clock_us());
		return;
	}
	attempt_failed(attempt, error);
	attempt_close(attempt);
}

/* One more to wait for? */
static bool await_connected(struct tlsfo_conn *conn, const struct attempt *attempt)
{
	return attempt->state == ATTEMPT_CONNECTING &&
	       conn_await(conn, attempt->fd, POLLOUT) == GNUTLS_E_AGAIN;
}

static int connect_all(struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->address_count; i++) {
		int slot = opening_attempt(conn, i, false);

		if (slot < 0)
			return conn_fail_memory(conn);
		ask(&conn->attempts[slot]);
	}
	for (;;) {
		size_t open = 0;

		for (size_t i = 0; i < conn->attempt_count; i++) {
			look(conn, &conn->attempts[i]);
			open += await_connected(conn, &conn->attempts[i]);
		}
		if (open == 0 || deadline_passed(conn->deadline, clock_us()))
			return 0;
		int ret = wait_once(conn);
		if (ret != 0)
			return ret;
	}
}

/* Counts the cookies, and closes everything. Returns the count, or the failure when nothing connected. */
static int count_cookies(struct tlsfo_conn *conn)
{
	int cookies = 0;
	size_t connected = 0;
	struct address local;

	for (size_t i = 0; i < conn->attempt_count; i++) {
		struct attempt *attempt = &conn->attempts[i];

		if (attempt->state == ATTEMPT_CONNECTED) {
			connected++;
			cookies += stream_local_address(attempt->fd, &local) &&
				   tcp_cookie_known(&local, &attempt->address) == 1;
		} else {
			attempt_failed(attempt, ETIMEDOUT);
		}
		attempt_close(attempt);
	}
	return connected > 0 ? cookies : opening_failed(conn);
}

int tlsfo_prime(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	if (ret_conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_conn = NULL;
	/* It would ask for cookies. */
	if (config != NULL && config->is_private)
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = tlsfo_connect_start(config, host, service, NULL, 0, 0, deadline, ret_conn);
	if (ret != 0)
		return ret;
	struct tlsfo_conn *conn = *ret_conn;
	conn->waits.unshared = true;
	ret = resolve_all(conn);
	if (ret == 0)
		ret = connect_all(conn);
	if (ret == 0)
		ret = count_cookies(conn);
	for (size_t i = 0; i < conn->attempt_count; i++)
		attempt_close(&conn->attempts[i]);
	conn_stop_opening(conn);
	conn->stage = CONN_FAILED;
	conn->error = ret < 0 && conn->error == 0 ? ret : conn->error;
	return ret;
}
