/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's own engine connects while it handshakes, and a session that failed to connect is spent.
 * So every address gets a session of its own, handshaking until the connection stands.
 */

#include "client/conn.h"

#include <errno.h>
#include <poll.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/tcp_facts.h"

static int attach(struct tlsfo_conn *conn, const struct attempt *attempt)
{
	int ret = conn_new_session(conn);

	if (ret != 0)
		return ret;
	ret = tlsfo_transport_set_fastopen(conn->session, attempt->fd, &attempt->address.sa.any,
		attempt->address.len, TLSFO_TRANSPORT_GNUTLS);
	if (ret != 0)
		return conn_fail(conn, ret, 0, "%s", tlsfo_strerror(ret));
	conn->transport = tlsfo_transport_get(conn->session);
	conn->transport->begun_us = conn->begun_us;
	conn_watch(conn);
	return 0;
}

static bool is_connected(int fd)
{
	struct tcp_facts facts;

	return tcp_facts_read(fd, &facts) == 0 && facts.phase == TCP_PHASE_CONNECTED;
}

/* The transport makes the attempt here: takes over what it saw. */
static int finish(struct tlsfo_conn *conn, struct attempt *attempt, int error)
{
	*attempt = conn->transport->attempt;
	if (error == 0)
		attempt_connected(attempt, clock_us());
	else
		attempt_failed(attempt, error);
	return error == 0 ? 0 : -1;
}

static int handshake_until_connected(
	struct tlsfo_conn *conn, struct attempt *attempt, int64_t deadline)
{
	/* GnuTLS may read in the same call that sends, and then it wants to verify. */
	int ret = conn->ticket_taken ? 0 : conn_load_trust(conn);

	if (ret == 0)
		ret = attach(conn, attempt);
	if (ret != 0)
		return ret;
	for (;;) {
		conn->handshake = gnutls_handshake(conn->session);
		if (is_connected(conn->transport->attempt.fd))
			return finish(conn, attempt, 0);
		if (conn->handshake < 0 && gnutls_error_is_fatal(conn->handshake)) {
			int error = transport_system_error(conn->transport);

			/* Without a word of the system's the trouble is not this address. */
			if (error == 0)
				return conn_fail_tls(conn, conn->handshake);
			return finish(conn, attempt, error);
		}
		/* Writable is connected, or failed; there is nothing to read before. */
		ret = conn_wait(conn->transport->attempt.fd, POLLOUT, deadline);
		if (ret != 0)
			return finish(conn, attempt, ret == TLSFO_E_SYSTEM ? errno : ETIMEDOUT);
	}
}

const struct opening opening_gnutls = {
	.attempt = handshake_until_connected,
};
