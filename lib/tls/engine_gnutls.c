/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's own fast open, cured from outside. Its push function takes EALREADY and EISCONN for
 * fatal, which they are not: the first is a handshake continued before the socket was writable, the
 * second (up to 3.8.10) a stale errno that kept it from noticing that it had connected. An errno
 * function turns both into EAGAIN.
 *
 * Sending is out of our sight here. What left in the SYN is read from TCP_INFO when GnuTLS first
 * reads: while the socket connects, the bytes sent are the bytes in the SYN. From then on the session
 * runs over the direct callbacks, as with the other engine.
 *
 * Which pointer GnuTLS hands to an errno function is not said by its manual, and differs: 3.7.9 hands the receive
 * pointer, 3.8.9 that of the call that failed. So the function follows it nowhere; it is the name under which the
 * thread keeps the last failure, as it keeps errno itself.
 */

#include "tls/transport.h"

#include <errno.h>

#include <gnutls/socket.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/tcp_facts.h"

static _Thread_local struct {
	bool begins; /* the session that was begun last has not pushed yet */
	bool blocks; /* its socket does */
	gnutls_transport_ptr_t ptr;
	int error;
	bool sent; /* a SYN had left: a push that comes again has said EAGAIN before */
} push;

static int errno_plain(gnutls_transport_ptr_t ptr)
{
	(void)ptr;
	return errno;
}

static int errno_cured(gnutls_transport_ptr_t ptr)
{
	bool first = push.begins;

	push.begins = false;
	/* The program's limit for connecting, SO_SNDTIMEO, is over. GnuTLS makes it EAGAIN, and its loop would go on. */
	if (first && push.blocks && errno == EAGAIN)
		errno = ETIMEDOUT;
	if (errno == EALREADY || errno == EISCONN)
		return EAGAIN;
	if (errno == EAGAIN || errno == EINTR)
		return errno;
	push.ptr = ptr;
	push.error = errno;
	/* A blocking socket pushes once, but these errors come from the path. */
	push.sent = !first || errno == ECONNREFUSED || errno == ETIMEDOUT;
	return errno;
}

static bool failed(gnutls_session_t session)
{
	gnutls_transport_ptr_t receive;
	gnutls_transport_ptr_t send;

	gnutls_transport_get_ptr2(session, &receive, &send);
	return push.error != 0 && (push.ptr == receive || push.ptr == send);
}

/* Reads what GnuTLS has sent; @pushed: it was all of the first flight. */
static void note(struct tlsfo_transport *transport, bool pushed)
{
	struct attempt *attempt = transport->attempt;
	struct tcp_facts facts;

	if (tcp_facts_read(attempt->fd, &facts) != 0)
		return;
	attempt->sent = facts.segments_sent != 0;
	if (facts.phase == TCP_PHASE_CONNECTED) {
		attempt_connected(attempt, clock_us());
		attempt_keep_answer(attempt);
	}
	if (attempt->syn_bytes < 0 && facts.phase == TCP_PHASE_CONNECTING)
		attempt->syn_bytes = facts.bytes_sent;
	if (attempt->syn_bytes < 0 && facts.phase == TCP_PHASE_CONNECTED) {
		if (facts.fail == TCP_FASTOPEN_FAIL_NO_COOKIE)
			attempt->syn_bytes = 0;
		else if (facts.syn_data_acknowledged && facts.data_segments == 1)
			attempt->syn_bytes = facts.bytes_sent;
	}
	if (pushed && facts.phase != TCP_PHASE_CLOSED && facts.bytes_sent >= 0 &&
		facts.bytes_retransmitted >= 0 && facts.bytes_waiting >= 0)
		transport->flight_bytes =
			facts.bytes_sent - facts.bytes_retransmitted + facts.bytes_waiting;
}

void engine_gnutls_begin(struct tlsfo_transport *transport)
{
	if (transport->engine != TLSFO_ENGINE_GNUTLS || transport->phase != TRANSPORT_IDLE)
		return;
	transport->phase = TRANSPORT_SENDING;
	transport->attempt->state = ATTEMPT_CONNECTING;
	transport->attempt->asked = true;
	transport->attempt->start_us = clock_us();
	/* A session that is gone may have been at the same address, and have failed. */
	if (failed(transport->session))
		push.error = 0;
	push.begins = true;
	push.blocks = !stream_is_nonblocking(transport->attempt->fd);
	/* GnuTLS takes a stale EAGAIN for the result of a send that succeeded. */
	errno = 0;
}

void engine_gnutls_look(struct tlsfo_transport *transport)
{
	if (transport->engine != TLSFO_ENGINE_GNUTLS || transport->phase != TRANSPORT_SENDING)
		return;
	note(transport, false);
	if (!failed(transport->session))
		return;
	attempt_failed(transport->attempt, push.error);
	transport->attempt->sent = transport->attempt->sent || push.sent;
}

void engine_gnutls_end(struct tlsfo_transport *transport)
{
	note(transport, true);
	push.begins = false;
	engine_gnutls_remove(transport->session);
}

void engine_gnutls_install(struct tlsfo_transport *transport)
{
	struct address *address = &transport->attempt->address;

	transport->attempt->syn_bytes = -1;
	gnutls_transport_set_fastopen(
		transport->session, transport->attempt->fd, &address->sa.any, address->len, 0);
	gnutls_transport_set_errno_function(transport->session, errno_cured);
}

void engine_gnutls_remove(gnutls_session_t session)
{
	/* GnuTLS's own errno function has no name that could be set again. */
	gnutls_transport_set_errno_function(session, errno_plain);
}
