/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "tls/direct.h"
#include "tls/messages.h"
#include "tls/session.h"

/* A ChangeCipherSpec as a record. GnuTLS pushes that of TLS 1.3 alone, before the rest of the second flight. */
#define SPEC_SIZE 6

/*
 * A server may answer early data and close before it has seen the client's Finished. The answer is
 * there to be read, but GnuTLS gives the handshake up when it cannot write. So while the handshake
 * of such a session is open, a push into a connection that the peer has closed succeeds; reading
 * finds the answer, or the end.
 */
static bool forgives(const struct tlsfo_transport *transport)
{
	return transport->early_data && !session_is_established(transport->session);
}

void transport_go_direct(struct tlsfo_transport *transport)
{
	gnutls_transport_ptr_t ptr = direct_pointer(transport->attempt->fd);
	gnutls_session_t session = transport->session;

	transport->phase = TRANSPORT_DIRECT;
	attempt_keep_answer(transport->attempt);
	flight_wipe(&transport->held);
	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(session, ptr, transport);
	gnutls_transport_set_vec_push_function(session, tlsfo_transport_vec_push);
	gnutls_transport_set_pull_function(session, direct_pull);
	gnutls_transport_set_pull_timeout_function(session, direct_pull_timeout);
}

/*
 * From here on the pull callbacks need the state, because they deliver what is held, and
 * gnutls_transport_get_int() is wrong. On a blocking socket nobody asks for the descriptor
 * meanwhile, because the program is inside gnutls_handshake(). On a non-blocking one this happens
 * only with early data, and the header says so.
 */
static void hold(struct tlsfo_transport *transport, enum transport_phase phase)
{
	transport->phase = phase;
	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(transport->session, transport, transport);
	gnutls_transport_set_pull_function(transport->session, tlsfo_transport_pull);
	gnutls_transport_set_pull_timeout_function(
		transport->session, tlsfo_transport_pull_timeout);
}

/* GnuTLS asks for the errno later; a program's callback around ours may have changed it by then. */
static ssize_t fail(struct tlsfo_transport *transport, int error)
{
	gnutls_transport_set_errno(transport->session, error);
	errno = error;
	return -1;
}

static ssize_t fail_for_good(struct tlsfo_transport *transport, int error)
{
	attempt_failed(transport->attempt, error);
	if (transport->phase == TRANSPORT_HELD)
		transport_go_direct(transport);
	return fail(transport, error);
}

/* Keeps what is pushed before anything was sent. */
static ssize_t keep_all(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	struct flight *held = &transport->held;
	bool first = held->len == 0;

	if (!flight_append(held, iov, iovcnt, 0)) {
		transport->error = held->fixed ? TLSFO_E_FLIGHT_TOO_LARGE : GNUTLS_E_MEMORY_ERROR;
		return fail(transport, held->fixed ? EMSGSIZE : ENOMEM);
	}
	if (first)
		transport->early_data = flight_announces_early_data(held->data, held->len);
	transport->flight_bytes = (int64_t)held->len;
	return (ssize_t)iovec_length(iov, iovcnt);
}

/* On a blocking socket a push has to take everything. What it cannot send yet is kept. */
static ssize_t keep_rest(
	struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt, size_t taken)
{
	if (!flight_append(&transport->held, iov, iovcnt, taken)) {
		transport->error = GNUTLS_E_MEMORY_ERROR;
		return fail_for_good(transport, ENOMEM);
	}
	if (transport->phase != TRANSPORT_HELD)
		hold(transport, TRANSPORT_HELD);
	return (ssize_t)iovec_length(iov, iovcnt);
}

/* Called only where the mode matters: a flight that leaves whole is the same in both. */
static bool is_blocking(struct tlsfo_transport *transport)
{
	transport->blocking = !stream_is_nonblocking(transport->attempt->fd);
	return transport->blocking;
}

static ssize_t push_first(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	size_t total = iovec_length(iov, iovcnt);

	/* GnuTLS pushes a record at a time, the hello first. */
	transport->early_data = flight_announces_early_data(iov[0].iov_base, iov[0].iov_len);
	if (transport->early_data) {
		/* The hello waits for all of the early data, so that both leave in one SYN. */
		(void)is_blocking(transport);
		ssize_t kept = keep_all(transport, iov, iovcnt);
		if (kept >= 0)
			hold(transport, TRANSPORT_GATHERING);
		return kept;
	}
	if (!flight_may_hold(&transport->held, total) && is_blocking(transport)) {
		transport->error = TLSFO_E_FLIGHT_TOO_LARGE;
		return fail(transport, EMSGSIZE);
	}
	transport->flight_bytes = (int64_t)total;
	transport->flight_left = total;
	transport->phase = TRANSPORT_SENDING;
	ssize_t n = attempt_send(transport->attempt, iov, iovcnt, false);
	if (n < 0 && errno != EAGAIN)
		return fail(transport, errno);
	if (n > 0)
		transport->flight_left -= (size_t)n;
	if (transport->flight_left == 0) {
		transport_go_direct(transport);
		return n;
	}
	if (is_blocking(transport))
		return keep_rest(transport, iov, iovcnt, n > 0 ? (size_t)n : 0);
	return n < 0 ? fail(transport, EAGAIN) : n;
}

/* The first bytes that follow a SYN with data have left. */
static void begin_watch(struct tlsfo_transport *transport)
{
	const struct attempt *attempt = transport->attempt;

	if (transport->watched || !attempt->asked || attempt->syn_bytes == 0)
		return;
	if (transport->phase != TRANSPORT_DIRECT && attempt->state != ATTEMPT_CONNECTED)
		return;
	transport->watched = true;
	direct_watch(attempt->fd);
}

/* GnuTLS pushes again what the socket did not take. */
static ssize_t push_again(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	ssize_t n = attempt_send(transport->attempt, iov, iovcnt, false);

	if (n < 0)
		return fail(transport, errno);
	transport->flight_left -=
		(size_t)n < transport->flight_left ? (size_t)n : transport->flight_left;
	if (transport->flight_left == 0) {
		begin_watch(transport);
		transport_go_direct(transport);
	}
	return n;
}

/* Nothing of ours stands between GnuTLS and the socket any more. */
static void leave(struct tlsfo_transport *transport)
{
	gnutls_transport_ptr_t receive;
	gnutls_transport_ptr_t send;

	if (transport->own_callbacks)
		return;
	gnutls_transport_get_ptr2(transport->session, &receive, &send);
	gnutls_transport_set_ptr2(
		transport->session, receive, direct_pointer(transport->attempt->fd));
	gnutls_transport_set_vec_push_function(transport->session, direct_vec_push);
}

/* Used from the end of the first flight to that of the second, and as long as failures are
 * forgiven; with callbacks of the program's own always. */
static ssize_t push_direct(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	ssize_t n = direct_send(transport->attempt->fd, iov, iovcnt);
	int error = errno;
	bool forgiving = forgives(transport);

	if (n > 0)
		begin_watch(transport);
	/* As in tlsfo_transport_hook(), for a program that has not set it. */
	if (!transport->acknowledged && n > SPEC_SIZE) {
		stream_acknowledge(transport->attempt->fd);
		direct_look_after(transport->attempt->fd);
		transport->acknowledged = true;
	}
	if (transport->acknowledged && !forgiving)
		leave(transport);
	if (n >= 0)
		return n;
	if (!forgiving || (error != EPIPE && error != ECONNRESET))
		return fail(transport, error);
	/* Reading may still bring the session to a good end, which a report must not call a failure. */
	direct_forget(transport->attempt->fd);
	return (ssize_t)iovec_length(iov, iovcnt);
}

ssize_t tlsfo_transport_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	struct tlsfo_transport *transport = ptr;
	size_t count = (size_t)iovcnt;

	switch (transport->phase) {
	case TRANSPORT_IDLE:
		return push_first(transport, iov, count);
	case TRANSPORT_CAPTURING:
	case TRANSPORT_GATHERING:
		return keep_all(transport, iov, count);
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

/* The timeout for poll(2) that ends at @deadline_us; -1 is no limit. */
static int poll_time(int64_t deadline_us)
{
	int64_t left_us = deadline_us - clock_us();

	if (deadline_us < 0)
		return -1;
	return left_us <= 0 ? 0 : (int)((left_us + 999) / 1000);
}

/* A signal has ended a send that waited. Goes on waiting, as long as SO_SNDTIMEO allows for one
 * wait, whatever signals come. Returns 1 when the socket is connected, otherwise as send_held().
 * The failure is noted here, because asking for it has taken it off the socket. */
static int outlive_signal(struct tlsfo_transport *transport)
{
	if (stream_await_connected(transport->attempt->fd) == 0)
		return 1;
	return errno == EINPROGRESS ? 0 : (int)fail_for_good(transport, errno);
}

/* Sends what the socket takes of what is held; with @wait, and where it blocks, waits for the
 * connection in the call. Returns 1 when that was all, 0 when the socket is to be waited for (with
 * @wait: when its SO_SNDTIMEO is over), -1 with errno. */
static int send_held(struct tlsfo_transport *transport, bool wait)
{
	int on = 1;

	while (transport->held_sent < transport->held.len) {
		struct iovec rest = flight_rest(&transport->held, transport->held_sent);
		ssize_t n = attempt_send(transport->attempt, &rest, 1, wait);

		if (n >= 0)
			transport->held_sent += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return (int)fail_for_good(transport, errno);
		else if (errno == EAGAIN || !wait)
			return 0;
		else
			on = outlive_signal(transport);
		if (on != 1)
			return on;
	}
	transport->flight_left = 0;
	begin_watch(transport);
	transport_go_direct(transport);
	return 1;
}

/*
 * Delivers what is held, waiting for the connection until @deadline_us (-1: no limit). Returns 1
 * when all is delivered, 0 when the time is over, -1 with errno.
 */
static int deliver_held(struct tlsfo_transport *transport, int64_t deadline_us)
{
	/* Where there is no deadline, one call waits for the connection and sends. The SYN has left
	 * with what it could take, so a call that a signal interrupts has sent nothing. */
	bool wait = transport->blocking && deadline_us < 0;
	/* Where waiting is allowed, no call is spent on a socket that cannot have connected yet. */
	bool wait_first =
		!wait && deadline_us != 0 && transport->attempt->state == ATTEMPT_CONNECTING;

	transport->phase = TRANSPORT_HELD;
	for (;;) {
		bool connects = transport->attempt->state == ATTEMPT_IDLE;
		int sent = wait_first ? 0 : send_held(transport, wait && !connects);

		if (sent != 0)
			return sent;
		if (wait && connects)
			continue;
		/* SO_SNDTIMEO, by which the program limits connect(2), is over. GNUTLS_E_AGAIN
		 * would only make the usual loop wait once more. */
		if (wait)
			return (int)fail_for_good(transport, ETIMEDOUT);
		wait_first = false;
		int ready = stream_poll(transport->attempt->fd, POLLOUT, poll_time(deadline_us));
		if (ready == 0 || (deadline_us >= 0 && clock_us() >= deadline_us))
			return 0;
		/* A signal does not end the wait either, because the program must not see the
		 * session in this state. */
		if (ready < 0 && errno != EINTR)
			return (int)fail_for_good(transport, errno);
	}
}

bool transport_is_holding(const struct tlsfo_transport *transport)
{
	return transport->phase == TRANSPORT_HELD || transport->phase == TRANSPORT_GATHERING;
}

ssize_t tlsfo_transport_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct tlsfo_transport *transport = ptr;

	if (transport->phase == TRANSPORT_CAPTURING)
		return fail(transport, EAGAIN);
	if (transport_is_holding(transport)) {
		/* A non-blocking socket is waited for by the program. */
		int delivered = deliver_held(transport, transport->blocking ? -1 : 0);

		if (delivered == 0)
			return fail(transport, EAGAIN);
		if (delivered < 0)
			return -1;
	}
	ssize_t n = direct_receive(transport->attempt->fd, buf, len);
	if (n < 0)
		return fail(transport, errno);
	attempt_connected(transport->attempt, clock_us());
	return n;
}

int tlsfo_transport_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct tlsfo_transport *transport = ptr;
	int64_t deadline_us = ms > INT_MAX ? -1 : clock_us() + (int64_t)ms * 1000;

	if (transport_is_holding(transport)) {
		int delivered = deliver_held(transport, deadline_us);

		/* GnuTLS gives the handshake up now, and the program may ask for its socket. (A
		 * program's own callback may have asked for less than GnuTLS allows.) */
		if (delivered == 0 && transport->blocking && !transport->own_callbacks)
			transport_go_direct(transport);
		if (delivered <= 0)
			return delivered;
	}
	int ready = stream_poll(transport->attempt->fd, POLLIN, poll_time(deadline_us));
	return ready < 0 ? (int)fail(transport, errno) : ready;
}

void transport_adopt(struct tlsfo_transport *transport, struct attempt *attempt)
{
	transport->attempt = attempt;
	transport->socket_cookie = stream_cookie(attempt->fd);
	transport->flight_left = 0;
	transport->watched = true;
	transport->acknowledged = true;
	direct_forget(attempt->fd);
	transport_go_direct(transport);
}

int transport_system_error(const struct tlsfo_transport *transport)
{
	const struct attempt *attempt = transport->attempt;

	if (attempt->error != 0 || stream_cookie(attempt->fd) != transport->socket_cookie)
		return attempt->error;
	return direct_failure(attempt->fd);
}
