/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program does with a connection that is open: it reads and writes, asks for a report, and ends it. */

#include "client/conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "net/tcp_facts.h"
#include "race/verdict.h"
#include "tls/transport.h"

static struct candidate *winner(struct tlsfo_conn *conn)
{
	return &conn->opening.candidates.list[conn_attempt(conn)->candidate];
}

int conn_fail_poll(struct tlsfo_conn *conn)
{
	return failure_set(&conn->failure, TLSFO_E_SYSTEM, errno, "poll: %s", strerror(errno));
}

int conn_fail_cancelled(struct tlsfo_conn *conn)
{
	return failure_set(&conn->failure, TLSFO_E_CANCELLED, 0, "%s: cancelled by the program",
		conn->target.host);
}

int conn_fail_swallowed(struct tlsfo_conn *conn)
{
	/* The path memory is told only once. A second time the pause might be over, and would begin again. */
	if (conn->failure.code == 0)
		knowledge_tell_failed(&conn->knowledge, winner(conn));
	return failure_set(&conn->failure, TLSFO_E_PATH_SWALLOWS, ETIMEDOUT,
		"%s: the path swallows what follows a fast-open SYN", conn->target.host);
}

int conn_fail_tls(struct tlsfo_conn *conn, int code)
{
	char text[256];
	const char *name = conn->target.name;
	/* A server that wants a client certificate for some of its pages asks to renegotiate. */
	const char *refused = conn->io.refused
				      ? "; it had asked to renegotiate TLS 1.2, perhaps for a "
					"client certificate, which is refused here"
				      : "";
	bool lost = code == GNUTLS_E_PUSH_ERROR || code == GNUTLS_E_PULL_ERROR ||
		    code == GNUTLS_E_PREMATURE_TERMINATION;
	if (lost && io_was_swallowed(&conn->io))
		return conn_fail_swallowed(conn);
	if (conn->failure.code != 0)
		return code;
	if (code == TLSFO_E_SYSTEM)
		return conn_fail_poll(conn);
	if (conn->io.guard.refused)
		return failure_set(&conn->failure, code, 0,
			"%s: the server sent an empty handshake record", name);
	int error = conn->handshake.transport != NULL
			    ? transport_system_error(conn->handshake.transport)
			    : 0;
	if (lost && error != 0)
		return failure_set(&conn->failure, code, error, "%s: the connection was lost: %s%s",
			conn->target.host, strerror(error), refused);
	session_explain(conn->handshake.session,
		conn->io.transport != NULL ? conn_attempt(conn)->answer : "", code, text,
		sizeof(text));
	return failure_set(&conn->failure, code, error, "%s: %s%s", name, text, refused);
}

/* Tells the path memory what became of fast open and of early data: first when the connection is open or has failed,
 * and a second time at its end, what was found since. */
static void settle(struct tlsfo_conn *conn)
{
	struct knowledge *knowledge = &conn->knowledge;
	bool first = !conn->settled;
	struct path_facts facts = {
		.ready = conn->handshake.over_us != 0,
		.won = conn->io.transport != NULL ? conn_attempt(conn) : NULL,
		.reconnected = conn->reconnected,
		.early_data = conn->first.fate,
	};
	bool asks = facts.won != NULL &&
		    (conn->io.watch.open || (first && knowledge->store != NULL)) &&
		    tcp_facts_read(facts.won->fd, &facts.tcp) == 0;

	if (asks)
		watch_look(&conn->io.watch, facts.won->fd, &facts.tcp);
	/* From now on the program has the socket, and may set the option itself. */
	conn->io.watch.shared = true;
	conn->settled = true;
	if (knowledge->store == NULL)
		return;
	if (asks && first) {
		struct path_verdict verdict = verdict_on_path(&conn->opening.verdict, &facts);

		knowledge_tell(knowledge, winner(conn), &verdict, facts.tcp.rtt_us, facts.ready);
	}
	if (!first && facts.won != NULL && io_was_swallowed(&conn->io))
		conn_fail_swallowed(conn);
	if (!conn->io.watch.open)
		knowledge_tell_carried(knowledge);
	/* A success that is still to be confirmed waits until the connection ends. */
	if (!first || knowledge->owed == NULL)
		knowledge_end_probes(knowledge, &conn->opening.candidates);
}

/* The steady descriptor goes on with what the socket of an open connection is waited for. False: the connection has
 * failed, because a loop would wait for ever. */
static bool await_socket(struct tlsfo_conn *conn)
{
	struct waits *waits = &conn->waits;
	short events = io_events(&conn->io);

	if (!waits->steady || conn->stage != CONN_OPEN ||
		(waits->now.count == 1 && waits->now.list[0].events == events))
		return true;
	waits_restart(waits);
	if (waits_add(waits, conn_attempt(conn)->fd, events) && waits_publish(waits) == 0)
		return true;
	conn_fail_poll(conn);
	return false;
}

void conn_end_opening(struct tlsfo_conn *conn)
{
	/* A forked child has a copy of the connection. The parent goes on with the ticket and tells the path memory. */
	bool owned = forked_generation(&conn->config->process) == conn->begun_by;

	opening_stop(&conn->opening);
	target_stop(&conn->target);
	waits_deinit(&conn->waits);
	if (!await_socket(conn))
		conn->stage = CONN_FAILED;
	if (owned)
		settle(conn);
	tickets_drop(&conn->tickets, owned && !verdict_flight_was_seen(conn->opening.attempts,
						      conn->opening.attempt_count));
	first_data_wipe(&conn->first);
}

/* After reading or writing: tells the path memory of a success, and puts a failure in words. @late are those for a
 * deadline that has passed. */
static int told(struct tlsfo_conn *conn, int ret, const char *late)
{
	int error = errno;

	failure_deinit(&conn->refused);
	if (!conn->io.watch.open)
		knowledge_tell_carried(&conn->knowledge);
	bool awaited = await_socket(conn);
	errno = error;
	if (ret == TLSFO_E_CANCELLED)
		return conn_fail_cancelled(conn);
	if (ret == GNUTLS_E_AGAIN && !awaited)
		return conn->failure.code;
	if (ret == GNUTLS_E_TIMEDOUT || ret == TLSFO_E_INVALID_ARGUMENT)
		return failure_set(&conn->refused, ret, 0, "%s: %s", conn->target.host,
			ret == GNUTLS_E_TIMEDOUT ? late : tlsfo_strerror(ret));
	return ret >= 0 || ret == GNUTLS_E_AGAIN ? ret : conn_fail_tls(conn, ret);
}

static bool is_ready(const struct tlsfo_conn *conn)
{
	return conn != NULL && conn->handshake.over_us != 0;
}

ssize_t tlsfo_conn_read(struct tlsfo_conn *conn, void *buf, size_t len, int64_t deadline)
{
	if (buf == NULL || len == 0 || !is_ready(conn))
		return TLSFO_E_INVALID_ARGUMENT;
	ssize_t n = io_read(&conn->io, buf, len, deadline);
	int ret = told(conn, n < 0 ? (int)n : 0, "nothing could be read before the deadline");
	return ret != 0 ? ret : n;
}

ssize_t tlsfo_conn_write(struct tlsfo_conn *conn, const void *buf, size_t len, int64_t deadline)
{
	size_t taken;

	if ((buf == NULL && len > 0) || !is_ready(conn))
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = told(conn, io_write(&conn->io, buf, len, deadline, &taken),
		"nothing could be written before the deadline");
	return ret == 0 || (taken > 0 && ret != TLSFO_E_INVALID_ARGUMENT) ? (ssize_t)taken : ret;
}

int tlsfo_conn_shutdown(struct tlsfo_conn *conn, int64_t deadline)
{
	return is_ready(conn) ? told(conn, io_shutdown(&conn->io, deadline),
					"close_notify could not be sent before the deadline")
			      : TLSFO_E_INVALID_ARGUMENT;
}

int tlsfo_conn_finish(struct tlsfo_conn *conn)
{
	return is_ready(conn) ? told(conn, io_finish(&conn->io, conn->failure.code == 0), "") : 0;
}

int tlsfo_conn_close(struct tlsfo_conn *conn, int64_t deadline)
{
	int ret;

	do
		ret = tlsfo_conn_finish(conn);
	while (ret == GNUTLS_E_AGAIN && io_await_finish(&conn->io, deadline));
	/* Only a ticket was still awaited, which is no failure. */
	if (ret == GNUTLS_E_AGAIN && conn->io.finish_us > 0)
		ret = conn->io.end_code;
	else if (ret == GNUTLS_E_AGAIN && deadline != TLSFO_NOW)
		ret = GNUTLS_E_TIMEDOUT;
	tlsfo_conn_free(conn);
	return ret;
}

void tlsfo_conn_free(struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return;
	conn_end_opening(conn);
	io_deinit(&conn->io);
	handshake_deinit(&conn->handshake);
	opening_deinit(&conn->opening);
	target_deinit(&conn->target);
	failure_deinit(&conn->failure);
	conn->waits.steady = false;
	waits_deinit(&conn->waits);
	cancel_deinit(&conn->cancel);
	failure_deinit(&conn->refused);
	tlsfo_config_free(conn->config);
	free(conn);
}

gnutls_session_t tlsfo_conn_session(struct tlsfo_conn *conn)
{
	bool told = conn != NULL && (conn->stage == CONN_OPEN || conn->handshake.refused);

	return told ? conn->handshake.session : NULL;
}

int tlsfo_conn_fd(const struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return -1;
	return conn->stage == CONN_OPEN && !conn->waits.steady ? conn_attempt(conn)->fd
							       : waits_fd(&conn->waits);
}

short tlsfo_conn_events(const struct tlsfo_conn *conn)
{
	if (conn != NULL && (conn->stage < CONN_OPEN || conn->waits.steady))
		return waits_events(&conn->waits);
	return conn != NULL ? io_events(&conn->io) : POLLIN;
}

const char *tlsfo_conn_error(const struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return "";
	const struct failure *failure = conn->failure.code != 0 ? &conn->failure : &conn->refused;
	/* There may have been no memory for the text. */
	return failure->code != 0 && failure->text == NULL ? tlsfo_strerror(failure->code)
							   : failure_text(failure);
}
