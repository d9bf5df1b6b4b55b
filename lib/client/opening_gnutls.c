/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's own engine connects while it handshakes, and a session that failed to connect is spent.
 * So every address gets a session of its own, one after the other, handshaking until the connection
 * stands.
 */

#include "client/opening.h"

#include <errno.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "net/tcp_facts.h"

static int attach(struct tlsfo_conn *conn, const struct attempt *attempt)
{
	int ret = conn_new_session(conn);

	if (ret != 0)
		return ret;
	/* In a program's storage every address has the same piece: the session before is gone. */
	conn->memory.used = conn->memory_used;
	if (storage_is_fixed(&conn->memory))
		ret = tlsfo_transport_set_fastopen_mem(conn->session, attempt->fd,
			&attempt->address.sa.any, attempt->address.len, TLSFO_TRANSPORT_GNUTLS,
			conn->memory.base + conn->memory.used, storage_left(&conn->memory));
	else
		ret = tlsfo_transport_set_fastopen(conn->session, attempt->fd,
			&attempt->address.sa.any, attempt->address.len, TLSFO_TRANSPORT_GNUTLS);
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

/* While ->attempting. */
static struct attempt *running(const struct tlsfo_conn *conn)
{
	return &conn->attempts[conn->attempt_count - 1];
}

/* The transport makes the attempt here: takes over what it saw. */
static void take_over(struct tlsfo_conn *conn, struct attempt *attempt)
{
	int fd = attempt->fd;

	*attempt = conn->transport->attempt;
	attempt->fd = fd;
}

/* This address failed. The session stays for the report until the next. */
static void give_up(struct tlsfo_conn *conn, int error)
{
	struct attempt *attempt = running(conn);

	take_over(conn, attempt);
	attempt_failed(attempt, error);
	opening_close(conn, attempt);
	conn->attempting = false;
}

/* 0: there is one; -1: this address failed; or a code. */
static int start_next(struct tlsfo_conn *conn, int64_t now_us)
{
	int slot = opening_attempt(conn, conn->next_address++, false);

	if (slot < 0)
		return conn_fail_heap(conn);
	struct attempt *attempt = &conn->attempts[slot];
	if (attempt->state == ATTEMPT_FAILED)
		return -1;
	/* A dead address must not use up the time of those behind it. */
	conn->address_deadline = deadline_share(conn->deadline, now_us,
		(unsigned int)(conn->address_count - conn->next_address + 1));
	int ret = attach(conn, attempt);
	if (ret != 0)
		opening_close(conn, attempt);
	conn->attempting = ret == 0;
	return ret;
}

/* As ->advance, and -1: this address failed. */
static int handshake_some(struct tlsfo_conn *conn, int64_t now_us)
{
	struct attempt *attempt = running(conn);

	conn->handshake = gnutls_handshake(conn->session);
	if (is_connected(attempt->fd)) {
		take_over(conn, attempt);
		attempt_connected(attempt, now_us);
		conn->fd = attempt->fd;
		conn->attempting = false;
		return 0;
	}
	if (conn->handshake < 0 && gnutls_error_is_fatal(conn->handshake)) {
		int error = transport_system_error(conn->transport);

		/* Without a word of the system's the trouble is not this address. */
		if (error == 0)
			return conn_fail_tls(conn, conn->handshake);
		give_up(conn, error);
		return -1;
	}
	if (deadline_passed(conn->address_deadline, now_us)) {
		give_up(conn, ETIMEDOUT);
		return -1;
	}
	/* Writable is connected, or failed; there is nothing to read before. */
	conn_wake_at(conn, deadline_to_us(conn->address_deadline));
	return conn_await(conn, attempt->fd, POLLOUT);
}

static int begin(struct tlsfo_conn *conn)
{
	conn->next_address = 0;
	conn->attempting = false;
	/* GnuTLS may read in the same call that sends, and then it wants to verify. */
	return conn->ticket != NULL ? 0 : conn_load_trust(conn);
}

static void address(struct tlsfo_conn *conn)
{
	(void)conn;
}

static int advance(struct tlsfo_conn *conn, int64_t now_us)
{
	int ret = -1;

	while (ret == -1) {
		if (conn->attempting) {
			ret = handshake_some(conn, now_us);
			continue;
		}
		if (conn->next_address == conn->address_count)
			return conn->resolve != NULL ? GNUTLS_E_AGAIN : opening_failed(conn);
		ret = start_next(conn, now_us);
		if (ret == 0)
			ret = -1;
	}
	return ret;
}

static void cancel(struct tlsfo_conn *conn)
{
	if (conn->attempting)
		opening_close(conn, running(conn));
	conn->attempting = false;
}

const struct opening opening_gnutls = {
	.begin = begin,
	.address = address,
	.advance = advance,
	.cancel = cancel,
};
