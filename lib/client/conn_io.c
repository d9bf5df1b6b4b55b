/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <poll.h>

#include <tlsfo/error.h>

static bool is_again(ssize_t ret)
{
	return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
}

/* Waits, or says that the time is over in the words of the deadline. */
static int wait_or_stop(const struct tlsfo_conn *conn, short events, int64_t deadline)
{
	if (deadline == TLSFO_NOW)
		return GNUTLS_E_AGAIN;
	return conn_wait(conn->fd, events, deadline);
}

/*
 * Sends the record that GnuTLS keeps on its way. Its bytes count as taken from the program's next
 * write, which begins with them. Returns 0 when nothing waits any more, GNUTLS_E_AGAIN, or the
 * failure.
 */
static int flush(struct tlsfo_conn *conn)
{
	while (conn->half_sent) {
		ssize_t n = gnutls_record_send(conn->session, NULL, 0);

		if (n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n < 0)
			return (int)n;
		conn->half_sent = false;
		conn->sent_ahead += (size_t)n;
	}
	return 0;
}

short tlsfo_conn_events(const struct tlsfo_conn *conn)
{
	return conn != NULL && conn->half_sent ? POLLIN | POLLOUT : POLLIN;
}

/* What is neither data nor the end of it. Returns 0 to read on, or the code to report. */
static int handle_interlude(struct tlsfo_conn *conn, ssize_t code)
{
	/* TLS 1.2: the server wants to negotiate anew. We do not, and say so; some go on then. */
	if (code == GNUTLS_E_REHANDSHAKE) {
		int ret = gnutls_alert_send(
			conn->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);

		return ret == 0 || is_again(ret) ? 0 : ret;
	}
	return gnutls_error_is_fatal((int)code) ? (int)code : 0;
}

ssize_t tlsfo_conn_read(struct tlsfo_conn *conn, void *buf, size_t len, int64_t deadline)
{
	if (conn == NULL || buf == NULL || len == 0 || !conn->ready)
		return TLSFO_E_INVALID_ARGUMENT;
	for (;;) {
		/* The peer may wait for it before it sends what we wait for. */
		int flushed = flush(conn);
		if (flushed < 0 && !is_again(flushed))
			return conn_fail_tls(conn, flushed);
		ssize_t n = gnutls_record_recv(conn->session, buf, len);
		if (n >= 0)
			return n;
		if (!is_again(n)) {
			int ret = handle_interlude(conn, n);

			if (ret != 0)
				return conn_fail_tls(conn, ret);
			continue;
		}
		int ret = wait_or_stop(conn, tlsfo_conn_events(conn), deadline);
		if (ret != 0)
			return ret;
	}
}

/* Sends as much as the socket takes. Returns 0 when @taken has reached @len, GNUTLS_E_AGAIN, or the
 * failure. */
static int send_some(struct tlsfo_conn *conn, const unsigned char *data, size_t len, size_t *taken)
{
	int ret = 0;

	*taken += conn->sent_ahead;
	conn->sent_ahead = 0;
	while (ret == 0 && *taken < len) {
		ssize_t n = gnutls_record_send(conn->session, data + *taken, len - *taken);

		if (n >= 0) {
			*taken += (size_t)n;
			continue;
		}
		conn->half_sent = is_again(n);
		ret = (int)n;
	}
	return ret;
}

ssize_t tlsfo_conn_write(struct tlsfo_conn *conn, const void *buf, size_t len, int64_t deadline)
{
	size_t taken = 0;

	if (conn == NULL || (buf == NULL && len > 0) || !conn->ready || conn->write_ended)
		return TLSFO_E_INVALID_ARGUMENT;
	for (;;) {
		int ret = flush(conn);

		if (conn->sent_ahead > len - taken)
			return TLSFO_E_INVALID_ARGUMENT;
		if (ret == 0)
			ret = send_some(conn, buf, len, &taken);
		if (ret == 0)
			return (ssize_t)taken;
		if (!is_again(ret))
			return conn_fail_tls(conn, ret);
		ret = wait_or_stop(conn, POLLOUT, deadline);
		if (ret != 0)
			return taken > 0 ? (ssize_t)taken : ret;
	}
}

int tlsfo_conn_shutdown(struct tlsfo_conn *conn, int64_t deadline)
{
	if (conn == NULL || !conn->ready)
		return TLSFO_E_INVALID_ARGUMENT;
	while (!conn->write_ended) {
		int ret = flush(conn);

		if (ret == 0)
			ret = gnutls_bye(conn->session, GNUTLS_SHUT_WR);
		if (ret == 0) {
			conn->write_ended = true;
			break;
		}
		if (!is_again(ret))
			return conn_fail_tls(conn, ret);
		ret = wait_or_stop(conn, POLLOUT, deadline);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int tlsfo_conn_close(struct tlsfo_conn *conn, int64_t deadline)
{
	if (conn == NULL)
		return 0;
	int ret = conn->ready && conn->error == 0 ? tlsfo_conn_shutdown(conn, deadline) : 0;
	tlsfo_conn_free(conn);
	return ret;
}
