/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A second connection after one that failed where another may not.
 *
 * With early data in flight: TLS has no way back from a refused ClientHello whose early data is under
 * way; the data is safe to be processed twice, so a new connection carries it as ordinary data, without
 * the ticket and without early data.
 *
 * On a path that swallows what follows a fast-open SYN: a plain connection, if nothing was written on
 * the first that is not safe to be sent again.
 *
 * On a path that swallows a hello with early data, by its length, say: one without, and fast open is not to
 * blame.
 */

#include "client/conn.h"

#include <errno.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/paths.h"
#include "client/tickets.h"

/* A connection that a server took together with its early data may be reset before we see it stand. */
static bool was_reset(const struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (conn->attempts[i].error == ECONNRESET || conn->attempts[i].error == EPIPE)
			return true;
	return false;
}

static enum tlsfo_reconnect reason_for(const struct tlsfo_conn *conn, int code)
{
	switch (code) {
	case TLSFO_E_HELLO_RETRIED:
		return TLSFO_RECONNECT_HELLO_RETRIED;
	case TLSFO_E_PATH_SWALLOWS:
		return conn->watch.open ? TLSFO_RECONNECT_PATH_SWALLOWS
					: TLSFO_RECONNECT_EARLY_DATA_SWALLOWED;
	case TLSFO_E_NOT_CONNECTED:
		return was_reset(conn) ? TLSFO_RECONNECT_CONNECTION_LOST : TLSFO_RECONNECT_NONE;
	case GNUTLS_E_PUSH_ERROR:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PREMATURE_TERMINATION:
		return TLSFO_RECONNECT_CONNECTION_LOST;
	/* A second connection would fare no better. */
	case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
	case GNUTLS_E_MEMORY_ERROR:
	case GNUTLS_E_TIMEDOUT:
	case TLSFO_E_INVALID_FILE:
	case TLSFO_E_INVALID_STORAGE:
	case TLSFO_E_FLIGHT_TOO_LARGE:
	case TLSFO_E_SYSTEM:
		return TLSFO_RECONNECT_NONE;
	/* Servers that have gone back to TLS 1.2, or trip over early data, say so in many ways (RFC
	 * 8446 §4.2.10, §D.3). */
	default:
		return TLSFO_RECONNECT_HANDSHAKE_FAILED;
	}
}

static void lose(const struct tlsfo_conn *conn, struct attempt *attempt)
{
	attempt->fd = -1;
	attempt->state = ATTEMPT_FAILED;
	/* 0 where the connection was ours to give up. */
	attempt->error = conn->system_error;
}

/* Everything of the first connection, except its attempts. */
static void start_over(struct tlsfo_conn *conn)
{
	/* Without a HelloRetryRequest the ticket's group is still the best that is known. */
	if (conn->transport->retry_group != 0)
		conn->group = conn->transport->retry_group;
	gnutls_deinit(conn->session);
	guard_deinit(&conn->guard);
	conn->guard = (struct guard){0};
	conn->session = NULL;
	conn->transport = NULL;
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	conn->handshake = GNUTLS_E_AGAIN;
	conn->first_byte_us = TLSFO_UNKNOWN;
	conn->handshake_us = TLSFO_UNKNOWN;
	conn->terms_known = false;
	conn->ready = false;
	conn->pending = PENDING_NOTHING;
	conn->pending_len = 0;
	conn->sent_ahead = 0;
	conn->canceled = false;
	conn->write_ended = false;
	conn->read_ended = false;
	conn->refusal_owed = false;
	conn->refused = false;
	conn->reauth_owed = false;
	conn->write_error = 0;
	conn->tickets_got = 0;
	conn->warnings = 0;
	conn->first.sent = 0;
	conn->watch = (struct watch){0};
	/* What the first race found is of the first connection. */
	paths_clear_failure(conn);
	conn->fell_back = TLSFO_REASON_NONE;
	conn->error = 0;
	conn->system_error = 0;
	if (conn->error_text != NULL)
		conn->error_text[0] = '\0';
	tickets_drop(conn);
}

/* The server may have closed before it saw our Finished, and so before the data that it rejected came
 * again. */
static bool has_not_arrived(const struct first_data *first)
{
	return first->early > 0 && (first->fate == TLSFO_EARLY_DATA_UNKNOWN ||
					   first->fate == TLSFO_EARLY_DATA_REJECTED);
}

/* Nothing has left that must not be sent twice. */
static bool may_start_over(const struct tlsfo_conn *conn, int code)
{
	if (conn->transport == NULL || conn->reconnected != TLSFO_RECONNECT_NONE)
		return false;
	if (deadline_passed(conn->deadline, clock_us()))
		return false;
	if (code == TLSFO_E_PATH_SWALLOWS)
		return conn_is_replaceable(conn);
	return has_not_arrived(&conn->first);
}

bool conn_reconnect(struct tlsfo_conn *conn, int code)
{
	enum tlsfo_reconnect reason = reason_for(conn, code);

	if (reason == TLSFO_RECONNECT_NONE || !may_start_over(conn, code))
		return false;
	conn->reconnected = reason;
	/* The attempt that was lost after it stood did not win. */
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (conn->fd >= 0 && conn->attempts[i].fd == conn->fd)
			lose(conn, &conn->attempts[i]);
	start_over(conn);
	if (reason == TLSFO_RECONNECT_PATH_SWALLOWS) {
		conn->plain_only = true;
		conn->fell_back = TLSFO_REASON_SWALLOWED;
	}
	return true;
}
