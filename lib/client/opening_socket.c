/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The socket engine: the session makes its first flight once, and each attempt carries it whole to
 * one address.
 */

#include "client/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <tlsfo/error.h>
#include <tlsfo/socket.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "net/stream.h"

/* Lets GnuTLS make the flight. It tries to read then, and is told that there is nothing yet. */
static int make_flight(struct tlsfo_conn *conn)
{
	int ret = conn_new_session(conn);

	if (ret != 0)
		return ret;
	ret = transport_capture(conn->session, conn->begun_us, &conn->transport);
	if (ret != 0)
		return conn_fail(conn, ret, 0, "%s", tlsfo_strerror(ret));
	conn_watch(conn);
	conn->handshake = gnutls_handshake(conn->session);
	return conn->handshake == GNUTLS_E_AGAIN ? 0 : conn_fail_tls(conn, conn->handshake);
}

/* Sends what the socket takes of the flight. Returns 0, or -1 with the failure in the attempt. */
static int send_flight(struct attempt *attempt, const struct flight *flight, size_t *sent)
{
	while (*sent < flight->len) {
		struct iovec rest = flight_rest(flight, *sent);
		ssize_t n = attempt_send(attempt, &rest, 1);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		*sent += (size_t)n;
	}
	return 0;
}

/* After the socket became writable. Returns 0, or -1 with the failure in the attempt. */
static int check_connected(struct attempt *attempt)
{
	if (attempt->state == ATTEMPT_CONNECTED)
		return 0;
	if (tlsfo_socket_connected(attempt->fd)) {
		attempt_connected(attempt, clock_us());
		return 0;
	}
	if (errno == EINPROGRESS)
		return 0;
	attempt_failed(attempt, errno);
	return -1;
}

/* Waits once, and goes on with what became possible. As ->attempt. */
static int advance(struct tlsfo_conn *conn, struct attempt *attempt, size_t *sent, int64_t deadline)
{
	int ready = stream_poll(attempt->fd, POLLOUT, deadline_poll(deadline, clock_us()));

	if (ready < 0)
		return errno == EINTR ? 0
				      : conn_fail(conn, TLSFO_E_SYSTEM, errno, "poll: %s",
						strerror(errno));
	if (ready == 0) {
		attempt_failed(attempt, ETIMEDOUT);
		return -1;
	}
	if (check_connected(attempt) != 0)
		return -1;
	return send_flight(attempt, &conn->transport->held, sent);
}

static int deliver(struct tlsfo_conn *conn, struct attempt *attempt, int64_t deadline)
{
	const struct flight *flight = &conn->transport->held;
	size_t sent = 0;

	if (send_flight(attempt, flight, &sent) != 0)
		return -1;
	/* The flight is under way, and there is time. With a ticket it will hardly be needed. */
	int ret = conn->ticket_offered ? 0 : conn_load_trust(conn);
	while (ret == 0 && (attempt->state != ATTEMPT_CONNECTED || sent < flight->len))
		ret = advance(conn, attempt, &sent, deadline);
	if (ret == 0)
		transport_adopt(conn->transport, attempt);
	return ret;
}

const struct opening opening_socket = {
	.begin = make_flight,
	.attempt = deliver,
};
