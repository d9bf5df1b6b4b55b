/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/paths.h"
#include "client/tickets.h"

/* Between two looks while the kernel watches the path. */
#define WATCH_LOOK_MS 100

static bool is_again(ssize_t ret)
{
	return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
}

/* The answer to something that the server asked for in between is still to be sent. */
static bool owes(const struct tlsfo_conn *conn)
{
	return conn->refusal_owed || conn->reauth_owed;
}

/* Waits, or says that the time is over in the words of the deadline. */
static int wait_or_stop(struct tlsfo_conn *conn, short events, int64_t deadline)
{
	if (deadline == TLSFO_NOW)
		return GNUTLS_E_AGAIN;
	if (deadline_passed(deadline, clock_us()))
		return GNUTLS_E_TIMEDOUT;
	/* The kernel's watch over the path must not outlast its cause: a server that then reads nothing for
	 * long would be taken for one that is gone. Who waits here looks after it. */
	int64_t until = conn->watch.open ? deadline_in(clock_us(), WATCH_LOOK_MS) : TLSFO_NEVER;
	int ret = conn_wait(conn->fd, events, deadline_earlier(deadline, until));
	if (ret == TLSFO_E_SYSTEM)
		return conn_fail(conn, ret, errno, "poll: %s", strerror(errno));
	if (ret == GNUTLS_E_TIMEDOUT && !deadline_passed(deadline, clock_us())) {
		paths_look(conn);
		return 0;
	}
	return ret;
}

/* The record that GnuTLS kept has gone out; @len bytes of the program's were in it. */
static void pending_is_gone(struct tlsfo_conn *conn, size_t len)
{
	if (conn->pending == PENDING_DATA)
		conn->sent_ahead += len;
	if (conn->pending == PENDING_CLOSE)
		conn->write_ended = true;
	conn->pending = PENDING_NOTHING;
}

/* Sends the record that GnuTLS keeps on its way. Returns 0, GNUTLS_E_AGAIN, or the failure. */
static int resume_pending(struct tlsfo_conn *conn)
{
	while (conn->pending != PENDING_NOTHING) {
		ssize_t n = gnutls_record_send(conn->session, NULL, 0);

		/* When the peer has asked for a key update meanwhile, GnuTLS sends the record, then
		 * refuses the empty one behind it. */
		if (n == GNUTLS_E_INVALID_REQUEST)
			n = (ssize_t)conn->pending_len;
		if (n < 0 && !is_again(n))
			conn->pending = PENDING_NOTHING;
		if (n < 0)
			return (int)n;
		pending_is_gone(conn, (size_t)n);
	}
	return 0;
}

/* Sends what is owed from before. Its bytes count as taken from the program's next write, which
 * begins with them. Returns 0 when nothing waits any more, GNUTLS_E_AGAIN, or the failure. */
static int flush(struct tlsfo_conn *conn)
{
	paths_look(conn);
	int ret = resume_pending(conn);

	if (ret == 0 && conn->reauth_owed) {
		ret = gnutls_reauth(conn->session, 0);
		conn->reauth_owed = is_again(ret);
	}
	if (ret != 0 || !conn->refusal_owed)
		return ret;
	conn->refusal_owed = false;
	ret = gnutls_alert_send(conn->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	if (is_again(ret))
		conn->pending = PENDING_ALERT;
	return ret;
}

short tlsfo_conn_events(const struct tlsfo_conn *conn)
{
	bool waits = conn != NULL && (conn->pending != PENDING_NOTHING || owes(conn));

	if (conn != NULL && conn->stage < CONN_OPEN)
		return waits_events(&conn->waits);
	return waits ? POLLIN | POLLOUT : POLLIN;
}

/* What is neither data nor the end of it. Returns 0 to read on, or the failure. */
static int handle_interlude(struct tlsfo_conn *conn, int code)
{
	if (gnutls_error_is_fatal(code))
		return conn_fail_tls(conn, code);
	/* TLS 1.2: the server wants to negotiate anew. We do not, and say so; some go on then. */
	if (code == GNUTLS_E_REHANDSHAKE) {
		conn->refusal_owed = true;
		conn->refused = true;
	}
	/* TLS 1.3: the server wants a client certificate now (RFC 8446 §4.6.2). */
	if (code == GNUTLS_E_REAUTH_REQUEST)
		conn->reauth_owed = true;
	return 0;
}

/*
 * Reading said @code: there was no data. What has arrived behind it is read although the time is over,
 * because epoll(7) with EPOLLET says nothing of it again. Returns 0 to read on, or why not.
 */
static int read_on(struct tlsfo_conn *conn, int code, int64_t deadline, unsigned int *asides)
{
	bool over = deadline_passed(deadline, clock_us());
	int ret = is_again(code) ? 0 : handle_interlude(conn, code);

	if (ret != 0)
		return ret;
	if (!over)
		return is_again(code) ? wait_or_stop(conn, tlsfo_conn_events(conn), deadline) : 0;
	/* The answer leaves now: an edge-triggered descriptor may never be writable anew. */
	if (!is_again(code) && owes(conn) && ++*asides <= CONN_ASIDES_MOST)
		return 0;
	/* GnuTLS stopped at a record without data, and not because there is no more. */
	if (!conn->guard.found_nothing && ++*asides <= CONN_ASIDES_MOST &&
		conn_wait(conn->fd, POLLIN, TLSFO_NOW) == 0)
		return 0;
	return deadline == TLSFO_NOW ? GNUTLS_E_AGAIN : GNUTLS_E_TIMEDOUT;
}

/*
 * The alert user_canceled ends what the peer sends as well as close_notify does, which may follow it
 * (RFC 8446 §6.1). Servers in Java send both. In TLS 1.3 GnuTLS takes it for fatal: it neither reads
 * the close_notify nor sends anything more.
 */
static bool is_closure(gnutls_session_t session, ssize_t ret)
{
	return ret == GNUTLS_E_FATAL_ALERT_RECEIVED &&
	       gnutls_alert_get(session) == GNUTLS_A_USER_CANCELED && session_is_tls13(session);
}

ssize_t conn_receive(struct tlsfo_conn *conn, void *buf, size_t len)
{
	if (conn->canceled)
		return 0;
	ssize_t n = guard_receive(&conn->guard, conn->session, buf, len);
	if (conn->guard.refused)
		return conn_fail(conn, (int)n, 0, "%s: the server sent an empty handshake record",
			conn->name);
	tickets_keep_session(conn);
	if (!is_closure(conn->session, n))
		return n;
	conn->canceled = true;
	conn->write_error = (int)n;
	return 0;
}

ssize_t tlsfo_conn_read(struct tlsfo_conn *conn, void *buf, size_t len, int64_t deadline)
{
	unsigned int asides = 0;

	if (conn == NULL || buf == NULL || len == 0 || !conn->ready)
		return TLSFO_E_INVALID_ARGUMENT;
	for (;;) {
		/* The peer may wait for it before it sends what we wait for. When it cannot be sent
		 * any more, what the peer said before is still to be read. */
		int flushed = conn->canceled ? 0 : flush(conn);
		if (flushed < 0 && !is_again(flushed))
			conn->write_error = flushed;
		ssize_t n = conn_receive(conn, buf, len);
		if (n == 0)
			conn->read_ended = true;
		if (n >= 0)
			return n;
		int ret = read_on(conn, (int)n, deadline, &asides);
		if (ret != 0)
			return ret;
	}
}

/* What GnuTLS makes one record of, which depends on the peer's limit too; this tells it as an aside. */
static size_t one_record(gnutls_session_t session, size_t len)
{
	const gnutls_range_st all = {.low = len, .high = len};
	gnutls_range_st record = {0};
	gnutls_range_st rest = {0};

	return gnutls_range_split(session, &all, &record, &rest) == 0 ? record.high : len;
}

/*
 * Sends as much as the socket takes until @deadline. A peer that reads as fast as we write never lets the
 * socket be full, so the clock is read after each record. With TLSFO_NOW only the socket ends it, because
 * a program that watches with EPOLLET takes a short write for a full socket. Returns 0 when @taken has
 * reached @len, GNUTLS_E_AGAIN, GNUTLS_E_TIMEDOUT, or the failure.
 */
static int send_some(struct tlsfo_conn *conn, const unsigned char *data, size_t len,
	int64_t deadline, size_t *taken)
{
	while (*taken < len) {
		size_t chunk = one_record(conn->session, len - *taken);
		ssize_t n = gnutls_record_send(conn->session, data + *taken, chunk);

		if (is_again(n)) {
			conn->pending = PENDING_DATA;
			conn->pending_len = chunk;
		}
		if (n < 0)
			return (int)n;
		*taken += (size_t)n;
		if (*taken < len && deadline != TLSFO_NOW && deadline_passed(deadline, clock_us()))
			return GNUTLS_E_TIMEDOUT;
	}
	return 0;
}

ssize_t tlsfo_conn_write(struct tlsfo_conn *conn, const void *buf, size_t len, int64_t deadline)
{
	size_t taken = 0;

	if (conn == NULL || (buf == NULL && len > 0) || !conn->ready)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->write_ended || conn->pending == PENDING_CLOSE)
		return TLSFO_E_INVALID_ARGUMENT;
	if (conn->write_error != 0)
		return conn_fail_tls(conn, conn->write_error);
	for (;;) {
		int ret = flush(conn);

		if (ret == 0 && len == 0)
			return 0;
		if (len > 0 && conn->sent_ahead > len - taken)
			return TLSFO_E_INVALID_ARGUMENT;
		if (len > 0) {
			taken += conn->sent_ahead;
			conn->sent_ahead = 0;
		}
		if (ret == 0)
			ret = send_some(conn, buf, len, deadline, &taken);
		if (ret == 0 || ret == GNUTLS_E_TIMEDOUT)
			return (ssize_t)taken;
		ret = is_again(ret) ? wait_or_stop(conn, POLLOUT, deadline)
				    : conn_fail_tls(conn, ret);
		if (ret != 0)
			return taken > 0 ? (ssize_t)taken : ret;
	}
}

int tlsfo_conn_shutdown(struct tlsfo_conn *conn, int64_t deadline)
{
	if (conn == NULL || !conn->ready)
		return TLSFO_E_INVALID_ARGUMENT;
	/* There is nothing to say it with. */
	if (conn->canceled)
		return 0;
	if (conn->write_error != 0)
		return conn_fail_tls(conn, conn->write_error);
	for (;;) {
		int ret = flush(conn);

		if (conn->write_ended)
			return 0;
		if (ret == 0)
			ret = gnutls_bye(conn->session, GNUTLS_SHUT_WR);
		if (ret == 0)
			conn->write_ended = true;
		else if (!is_again(ret))
			return conn_fail_tls(conn, ret);
		else if (conn->pending == PENDING_NOTHING)
			conn->pending = PENDING_CLOSE;
		if (conn->write_ended)
			return 0;
		ret = wait_or_stop(conn, POLLOUT, deadline);
		if (ret != 0)
			return ret;
	}
}
