/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "tls/direct.h"

void transport_go_direct(struct tlsfo_transport *transport)
{
	gnutls_transport_ptr_t ptr = direct_pointer(transport->attempt.fd);

	transport->phase = TRANSPORT_DIRECT;
	flight_wipe(&transport->held);
	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(transport->session, ptr, ptr);
	gnutls_transport_set_vec_push_function(transport->session, direct_vec_push);
	gnutls_transport_set_pull_function(transport->session, direct_pull);
	gnutls_transport_set_pull_timeout_function(transport->session, direct_pull_timeout);
}

/*
 * From here on the pull callbacks need the state: on a blocking socket the rest of the flight is
 * delivered from them, within the time that gnutls_handshake_set_timeout() allows. Nobody asks for
 * the descriptor meanwhile, because the program is inside gnutls_handshake().
 */
static void hold(struct tlsfo_transport *transport)
{
	transport->phase = TRANSPORT_HELD;
	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(transport->session, transport, transport);
	gnutls_transport_set_pull_function(transport->session, tlsfo_transport_pull);
	gnutls_transport_set_pull_timeout_function(
		transport->session, tlsfo_transport_pull_timeout);
}

/* GnuTLS asks for the errno separately; a program's callback around ours may have changed it. */
static ssize_t fail(struct tlsfo_transport *transport, int error)
{
	gnutls_transport_set_errno(transport->session, error);
	errno = error;
	return -1;
}

static ssize_t fail_for_good(struct tlsfo_transport *transport, int error)
{
	attempt_failed(&transport->attempt, error);
	if (transport->phase == TRANSPORT_HELD)
		transport_go_direct(transport);
	return fail(transport, error);
}

static ssize_t push_captured(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	size_t total = iovec_length(iov, iovcnt);

	if (!flight_append(&transport->held, iov, iovcnt, 0)) {
		transport->error = GNUTLS_E_MEMORY_ERROR;
		return fail(transport, ENOMEM);
	}
	transport->flight_bytes = (int64_t)transport->held.len;
	return (ssize_t)total;
}

/* On a blocking socket the call is to take everything, and what it cannot send yet is kept. */
static ssize_t keep_rest(
	struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt, size_t taken)
{
	if (!flight_append(&transport->held, iov, iovcnt, taken)) {
		transport->error = GNUTLS_E_MEMORY_ERROR;
		return fail_for_good(transport, ENOMEM);
	}
	if (transport->phase != TRANSPORT_HELD)
		hold(transport);
	return (ssize_t)iovec_length(iov, iovcnt);
}

static ssize_t push_first(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	size_t total = iovec_length(iov, iovcnt);

	transport->blocking = !stream_is_nonblocking(transport->attempt.fd);
	if (transport->blocking && !flight_may_hold(&transport->held, total)) {
		transport->error = TLSFO_E_FLIGHT_TOO_LARGE;
		return fail(transport, EMSGSIZE);
	}
	transport->flight_bytes = (int64_t)total;
	transport->flight_left = total;
	transport->phase = TRANSPORT_SENDING;
	ssize_t n = attempt_send(&transport->attempt, iov, iovcnt);
	if (n < 0 && errno != EAGAIN)
		return fail(transport, errno);
	if (n > 0)
		transport->flight_left -= (size_t)n;
	if (transport->flight_left == 0) {
		transport_go_direct(transport);
		return n;
	}
	if (transport->blocking)
		return keep_rest(transport, iov, iovcnt, n > 0 ? (size_t)n : 0);
	return n < 0 ? fail(transport, EAGAIN) : n;
}

/* GnuTLS pushes again what the socket did not take. */
static ssize_t push_again(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	ssize_t n = attempt_send(&transport->attempt, iov, iovcnt);

	if (n < 0)
		return fail(transport, errno);
	transport->flight_left -=
		(size_t)n < transport->flight_left ? (size_t)n : transport->flight_left;
	if (transport->flight_left == 0)
		transport_go_direct(transport);
	return n;
}

/* Only with callbacks of the program's own: otherwise GnuTLS calls direct_vec_push() itself. */
static ssize_t push_direct(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	ssize_t n = stream_send(transport->attempt.fd, iov, iovcnt, false);

	if (n >= 0)
		return n;
	if (errno != EAGAIN && errno != EINTR)
		attempt_failed(&transport->attempt, errno);
	return fail(transport, errno);
}

ssize_t tlsfo_transport_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	struct tlsfo_transport *transport = ptr;
	size_t count = (size_t)iovcnt;

	switch (transport->phase) {
	case TRANSPORT_IDLE:
		return push_first(transport, iov, count);
	case TRANSPORT_CAPTURING:
		return push_captured(transport, iov, count);
	case TRANSPORT_SENDING:
		return push_again(transport, iov, count);
	case TRANSPORT_HELD:
		return keep_rest(transport, iov, count, 0);
	case TRANSPORT_DIRECT:
	default:
		return push_direct(transport, iov, count);
	}
}

ssize_t tlsfo_transport_push(gnutls_transport_ptr_t ptr, const void *buf, size_t len)
{
	const giovec_t iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};

	return tlsfo_transport_vec_push(ptr, &iov, 1);
}

/*
 * Delivers what is held, waiting for the connection until @deadline_us (-1: no limit). Returns 1
 * when all is delivered, 0 when the time is over, -1 with errno.
 */
static int deliver_held(struct tlsfo_transport *transport, int64_t deadline_us)
{
	while (transport->held_sent < transport->held.len) {
		int64_t left_us = deadline_us < 0 ? -1 : deadline_us - clock_us();

		if (deadline_us >= 0 && left_us < 0)
			left_us = 0;
		int ready = stream_poll(transport->attempt.fd, POLLOUT,
			left_us < 0 ? -1 : (int)((left_us + 999) / 1000));
		if (ready == 0)
			return 0;
		/* The program must not see the session in this state, not after a signal either. */
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return (int)fail_for_good(transport, errno);
		struct iovec rest = flight_rest(&transport->held, transport->held_sent);
		ssize_t n = attempt_send(&transport->attempt, &rest, 1);
		if (n >= 0)
			transport->held_sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return (int)fail_for_good(transport, errno);
	}
	transport->flight_left = 0;
	transport_go_direct(transport);
	return 1;
}

ssize_t tlsfo_transport_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct tlsfo_transport *transport = ptr;

	if (transport->phase == TRANSPORT_CAPTURING)
		return fail(transport, EAGAIN);
	if (transport->phase == TRANSPORT_HELD && deliver_held(transport, -1) < 0)
		return -1;
	ssize_t n = stream_receive(transport->attempt.fd, buf, len);
	if (n >= 0) {
		attempt_connected(&transport->attempt, clock_us());
		return n;
	}
	if (errno != EAGAIN && errno != EINTR)
		attempt_failed(&transport->attempt, errno);
	return fail(transport, errno);
}

int tlsfo_transport_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct tlsfo_transport *transport = ptr;
	int64_t deadline_us = ms > INT_MAX ? -1 : clock_us() + (int64_t)ms * 1000;

	if (transport->phase == TRANSPORT_HELD) {
		int delivered = deliver_held(transport, deadline_us);

		/* GnuTLS gives the handshake up now, and the program may ask for its socket. (A
		 * program's own callback may have asked for less than GnuTLS allows.) */
		if (delivered == 0 && !transport->own_callbacks)
			transport_go_direct(transport);
		if (delivered <= 0)
			return delivered;
	}
	int64_t left_us = deadline_us < 0 ? -1 : deadline_us - clock_us();
	int timeout = deadline_us < 0 ? -1 : left_us <= 0 ? 0 : (int)((left_us + 999) / 1000);
	int ready = stream_poll(transport->attempt.fd, POLLIN, timeout);
	return ready < 0 ? (int)fail(transport, errno) : ready;
}

void transport_adopt(struct tlsfo_transport *transport, const struct attempt *attempt)
{
	transport->attempt = *attempt;
	transport->socket_cookie = stream_cookie(attempt->fd);
	transport->flight_left = 0;
	transport_go_direct(transport);
}

void transport_keep_facts(struct tlsfo_transport *transport, const struct attempt *attempt)
{
	transport->attempt = *attempt;
	transport->tcp_kept = tcp_facts_read(attempt->fd, &transport->tcp) == 0;
	transport->attempt.fd = -1;
}

int transport_system_error(const struct tlsfo_transport *transport)
{
	if (transport->attempt.error != 0)
		return transport->attempt.error;
	return direct_failure(transport->socket_cookie);
}
