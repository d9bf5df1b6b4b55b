/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The stages of a connection, and what it waits for between them. No call here waits. */

#include "client/conn.h"

#include <errno.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/first_data.h"
#include "client/opening.h"
#include "client/paths.h"
#include "client/tickets.h"
#include "resolve/resolve.h"

/* Between two looks for an acknowledgement. */
#define PROOF_LOOK_US 20000

void conn_stop_opening(struct tlsfo_conn *conn)
{
	opening_cancel(conn);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	waits_deinit(&conn->waits);
}

/* What is known of the peer: its ticket and group, its paths. */
static int recall(struct tlsfo_conn *conn)
{
	int ret = identity_init(&conn->identity, conn->config, conn->host, conn->name,
		address_port(&conn->addresses[0]));

	if (ret == GNUTLS_E_MEMORY_ERROR)
		return conn_fail_memory(conn);
	if (ret != 0)
		return conn_fail(conn, ret, 0, "%s: %s", conn->host, tlsfo_strerror(ret));
	paths_recall(conn);
	ret = tickets_take(conn);
	return ret;
}

static int step_resolving(struct tlsfo_conn *conn, int64_t now_us)
{
	int ret = conn->resolve == NULL ? conn_resolve_begin(conn) : 0;

	if (ret == 0)
		ret = conn_resolve_advance(conn, now_us);
	if (ret != 0)
		return ret;
	if (conn->address_count == 0)
		return GNUTLS_E_AGAIN;
	conn->resolved_us = now_us - conn->begun_us;
	ret = recall(conn);
	if (ret == 0)
		ret = opening_begin(conn);
	conn->stage = CONN_OPENING;
	return ret;
}

static int step_opening(struct tlsfo_conn *conn, int64_t now_us)
{
	size_t known = conn->address_count;

	if (conn->resolve != NULL) {
		int ret = conn_resolve_advance(conn, now_us);

		if (ret != 0)
			return ret;
	}
	if (known < conn->address_count)
		paths_order(conn);
	for (; known < conn->address_count; known++)
		opening_add_address(conn);
	int ret = opening_advance(conn, now_us);
	if (ret != 0)
		return ret;
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	conn->stage = CONN_HANDSHAKING;
	return 0;
}

static int step_handshaking(struct tlsfo_conn *conn, int64_t now_us)
{
	int ret = conn_handshake(conn);

	if (ret == GNUTLS_E_AGAIN)
		return paths_check_early(conn, now_us);
	if (ret == 0)
		ret = first_data_check(conn);
	if (ret == 0)
		conn->stage = CONN_SENDING;
	return ret;
}

static int step_sending(struct tlsfo_conn *conn)
{
	int ret = first_data_send(conn);

	if (ret == 0)
		conn->stage = CONN_PROVING;
	return ret;
}

/*
 * First data that may be sent again waits until some of it is acknowledged: no time is lost by that, because no
 * answer could come earlier. An acknowledgement makes nothing readable, so it is looked for in the time
 * that it takes. What can be read may have been sent before the data came, and is left to the program.
 */
static int step_proving(struct tlsfo_conn *conn, int64_t now_us)
{
	bool again = conn->first.len > 0 && conn->first.replayable &&
		     conn->first.fate != TLSFO_EARLY_DATA_ACCEPTED;
	/* Nothing more comes: reading tells why. */
	bool ended = (waits_found(&conn->waits, conn->fd) & (POLLERR | POLLHUP)) != 0;

	if (again && conn->watch.open) {
		int ret = paths_check(conn);

		if (ret != 0)
			return ret;
		paths_look(conn);
	}
	if (again && conn->watch.open && !ended) {
		conn_wake_at(conn, now_us + PROOF_LOOK_US);
		return conn_await(conn, conn->fd, 0);
	}
	first_data_wipe(conn);
	conn->stage = CONN_OPEN;
	return 0;
}

static int step(struct tlsfo_conn *conn, int64_t now_us)
{
	switch (conn->stage) {
	case CONN_RESOLVING:
		return step_resolving(conn, now_us);
	case CONN_OPENING:
		return step_opening(conn, now_us);
	case CONN_HANDSHAKING:
		return step_handshaking(conn, now_us);
	case CONN_SENDING:
		return step_sending(conn);
	case CONN_PROVING:
		return step_proving(conn, now_us);
	default:
		return 0;
	}
}

static int fail_late(struct tlsfo_conn *conn)
{
	switch (conn->stage) {
	case CONN_RESOLVING:
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
			"%s: the name was not resolved before the deadline", conn->host);
	case CONN_OPENING:
		for (size_t i = 0; i < conn->attempt_count; i++)
			if (conn->attempts[i].fd >= 0)
				attempt_failed(&conn->attempts[i], ETIMEDOUT);
		return opening_failed(conn);
	case CONN_HANDSHAKING:
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
			"%s: the TLS handshake was not over before the deadline", conn->host);
	default:
		return conn_fail(conn, GNUTLS_E_TIMEDOUT, 0,
			"%s: the first data was not sent before the deadline", conn->host);
	}
}

/* Whether anybody may have seen the flight, and the ticket in it. */
static bool has_shown(const struct attempt *attempt)
{
	return attempt->flight_sent > 0 || attempt->syn_bytes != 0 || attempt->connected_us >= 0;
}

static bool flight_was_shown(const struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (has_shown(&conn->attempts[i]))
			return true;
	return false;
}

void conn_end_opening(struct tlsfo_conn *conn)
{
	/* In a forked child it is a copy: its parent goes on with the ticket, and tells what became of the paths. */
	bool owned = forked_generation(&conn->config->process) == conn->begun_by;

	conn_stop_opening(conn);
	if (owned)
		paths_settle(conn);
	if (owned && !flight_was_shown(conn))
		tickets_give_back(conn);
	tickets_drop(conn);
	first_data_wipe(conn);
}

/* Whether it went well or not. */
static int finish(struct tlsfo_conn *conn, int code)
{
	conn->stage = code == 0 ? CONN_OPEN : CONN_FAILED;
	conn_end_opening(conn);
	/* There may be no text yet: want of memory has none. */
	conn->error = code != 0 && conn->error == 0 ? code : conn->error;
	return code;
}

/* Publishes what is awaited. */
static int pause_here(struct tlsfo_conn *conn, int64_t now_us)
{
	if (deadline_passed(conn->deadline, now_us))
		return finish(conn, fail_late(conn));
	if (waits_publish(&conn->waits) == 0)
		return GNUTLS_E_AGAIN;
	return finish(conn, conn_fail(conn, TLSFO_E_SYSTEM, errno, "epoll: %s", strerror(errno)));
}

/* One new connection after a failure that it may mend. 0: it is under way. */
static int begin_again(struct tlsfo_conn *conn)
{
	conn_stop_opening(conn);
	conn->wake_us = -1;
	conn->stage = CONN_OPENING;
	return opening_begin(conn);
}

/*
 * What has happened by now comes first, before any time is judged to be over: after the clock was read,
 * because a busy system may let a SYN-ACK come in between a poll and the clock.
 */
static int drain(struct tlsfo_conn *conn, int64_t now_us)
{
	bool due = deadline_passed(conn->deadline, now_us) ||
		   (conn->wake_us >= 0 && now_us >= conn->wake_us);

	if (conn->waits.polled && !due)
		return 0;
	return waits_poll(&conn->waits, 0) != 0 && errno != EINTR ? -1 : 0;
}

int tlsfo_conn_advance(struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->stage == CONN_OPEN || conn->stage == CONN_FAILED)
		return conn->stage == CONN_OPEN ? 0 : conn->error;
	int64_t now_us = clock_us();
	if (drain(conn, now_us) != 0)
		return finish(
			conn, conn_fail(conn, TLSFO_E_SYSTEM, errno, "poll: %s", strerror(errno)));
	conn->wake_us = -1;
	while (conn->stage != CONN_OPEN) {
		/* A stage that ended has closed what it waited for. */
		waits_restart(&conn->waits);
		int ret = step(conn, now_us);

		if (ret == GNUTLS_E_AGAIN)
			return pause_here(conn, now_us);
		if (ret != 0 && conn_reconnect(conn, ret))
			ret = begin_again(conn);
		if (ret != 0)
			return finish(conn, ret);
	}
	return finish(conn, 0);
}

int64_t tlsfo_conn_deadline(const struct tlsfo_conn *conn)
{
	if (conn == NULL || conn->stage == CONN_OPEN || conn->stage == CONN_FAILED)
		return TLSFO_NEVER;
	return deadline_earlier(conn->deadline, deadline_of_us(conn->wake_us));
}

int conn_run(struct tlsfo_conn *conn)
{
	int ret;

	conn->waits.unshared = true;
	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN) {
		int timeout = deadline_poll(tlsfo_conn_deadline(conn), clock_us());

		if (waits_poll(&conn->waits, timeout) != 0 && errno != EINTR)
			return finish(conn, conn_fail(conn, TLSFO_E_SYSTEM, errno, "poll: %s",
						    strerror(errno)));
	}
	return ret;
}
