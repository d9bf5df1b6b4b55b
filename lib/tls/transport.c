/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "net/watch.h"
#include "tls/messages.h"
#include "tls/session.h"

/* A ChangeCipherSpec as a record. GnuTLS pushes that of TLS 1.3 alone, before the rest of the second flight. */
#define SPEC_SIZE 6

/* ------------------------------------------------------- when the flight is delivered: direct -- */

/*
 * GnuTLS hands its callbacks one pointer, and it has to be the descriptor, or gnutls_transport_get_int() would be
 * wrong. So there is no object to keep the first failure and the watch over the path in. They are kept where the kernel
 * keeps the socket, by the number of the descriptor: one byte for each. A process that has more than 65,536 descriptors
 * keeps nothing of those beyond, and has no watch over them.
 */
#define DESCRIPTORS 65536

/* In place of an errno (none is as large): every read and write looks whether the kernel's watch is to end. */
#define WATCHED 255

static _Atomic unsigned char notes[DESCRIPTORS];

static unsigned char note_of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS ? atomic_load(&notes[fd]) : 0;
}

/* One thread may read while another one writes, and may have noted something else meanwhile: that stays. */
static void change_note(int fd, unsigned char before, unsigned char after)
{
	if (fd >= 0 && fd < DESCRIPTORS)
		atomic_compare_exchange_strong(&notes[fd], &before, after);
}

static void end_watch_when_over(int fd)
{
	if (note_of(fd) == WATCHED && !watch_look_at_own(fd, true))
		change_note(fd, WATCHED, 0);
}

static ssize_t keep_failure(int fd, ssize_t ret)
{
	unsigned char note = note_of(fd);
	bool failed = ret < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;

	/* The first is the cause, later ones are its consequences. */
	if (failed && (note == 0 || note == WATCHED))
		change_note(fd, note, (unsigned char)errno);
	return ret;
}

static gnutls_transport_ptr_t direct_pointer(int fd)
{
	return (gnutls_transport_ptr_t)(intptr_t)fd;
}

static ssize_t direct_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	int fd = (int)(intptr_t)ptr;

	end_watch_when_over(fd);
	return keep_failure(fd, stream_send(fd, iov, (size_t)iovcnt, false));
}

ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	int fd = (int)(intptr_t)ptr;
	ssize_t n = recv(fd, buf, len, 0);

	if (n > 0)
		end_watch_when_over(fd);
	return keep_failure(fd, n);
}

int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	return stream_poll((int)(intptr_t)ptr, POLLIN, ms > INT_MAX ? -1 : (int)ms);
}

/* ------------------------------------------------------------------------- whose callbacks -- */

void transport_set_callbacks(struct tlsfo_transport *transport, bool direct)
{
	gnutls_session_t session = transport->session;
	gnutls_transport_ptr_t fd = direct_pointer(transport->attempt->fd);

	if (transport->own_callbacks)
		return;
	gnutls_transport_set_ptr2(session, direct ? fd : transport, transport);
	gnutls_transport_set_vec_push_function(session, tlsfo_transport_vec_push);
	gnutls_transport_set_pull_function(session, direct ? direct_pull : tlsfo_transport_pull);
	gnutls_transport_set_pull_timeout_function(
		session, direct ? direct_pull_timeout : tlsfo_transport_pull_timeout);
}

void transport_set_attempt(struct tlsfo_transport *transport, struct attempt *attempt)
{
	transport->attempt = attempt;
	transport->socket_cookie = stream_cookie(attempt->fd);
	change_note(attempt->fd, note_of(attempt->fd), 0);
}

/* The first flight is delivered. */
static void go_direct(struct tlsfo_transport *transport)
{
	transport->phase = TRANSPORT_DIRECT;
	attempt_keep_answer(transport->attempt);
	flight_wipe(&transport->held);
	transport_set_callbacks(transport, true);
}

bool transport_is_holding(const struct tlsfo_transport *transport)
{
	return transport->phase == TRANSPORT_HELD || transport->phase == TRANSPORT_GATHERING;
}

/* ------------------------------------------------------------------------------------- push -- */

/* GnuTLS asks for the errno later; a program's callback around ours may have changed it by then. */
static ssize_t fail(struct tlsfo_transport *transport, int error)
{
	gnutls_transport_set_errno(transport->session, error);
	errno = error;
	return -1;
}

static ssize_t keep(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	struct flight *held = &transport->held;

	if (!flight_append(held, iov, iovcnt)) {
		transport->error = held->fixed ? TLSFO_E_FLIGHT_TOO_LARGE : GNUTLS_E_MEMORY_ERROR;
		return fail(transport, held->fixed ? EMSGSIZE : ENOMEM);
	}
	if (transport->phase != TRANSPORT_HELD)
		transport->flight_bytes = (int64_t)held->len;
	return (ssize_t)iovec_length(iov, iovcnt);
}

/* The first bytes that follow a SYN with data have left: the kernel watches the path from now on. */
static void begin_watch(struct tlsfo_transport *transport)
{
	const struct attempt *attempt = transport->attempt;

	if (transport->watched || !attempt->asked || attempt->syn_bytes == 0)
		return;
	if (transport->phase != TRANSPORT_DIRECT && attempt->state != ATTEMPT_CONNECTED)
		return;
	transport->watched = true;
	transport->watching = attempt->fd < DESCRIPTORS && watch_look_at_own(attempt->fd, false);
}

void transport_adopt(struct tlsfo_transport *transport, struct attempt *attempt, bool own)
{
	transport_set_attempt(transport, attempt);
	transport->watched = !own;
	transport->acknowledged = !own;
	go_direct(transport);
	/* Where the SYN did not take all of the flight, the rest is under way. */
	if (attempt->syn_bytes != (int64_t)attempt->flight_sent)
		begin_watch(transport);
}

/* A piece of a flight: what follows its first @from bytes. It is empty when nothing does. */
static struct iovec piece_from(const struct iovec *iov, size_t iovcnt, size_t from)
{
	for (; iovcnt > 0; iov++, iovcnt--) {
		if (from < iov->iov_len)
			return (struct iovec){
				(unsigned char *)iov->iov_base + from, iov->iov_len - from};
		from -= iov->iov_len;
	}
	return (struct iovec){0};
}

/* The socket still connects. Has the next send wait for that, @ret_waits, or waits in poll(2), for as long as
 * SO_SNDTIMEO allows. Returns 0, EAGAIN where waiting is the program's affair, or what ended the wait. */
static int await_connected(const struct tlsfo_transport *transport, bool *ret_waits)
{
	int fd = transport->attempt->fd;

	if (!stream_is_nonblocking(fd)) {
		int error = *ret_waits ? ETIMEDOUT : 0;

		*ret_waits = true;
		return error;
	}
	if (!transport->waits)
		return EAGAIN;
	int ready = stream_poll(fd, POLLOUT, stream_connect_timeout_ms(fd));
	if (ready < 0)
		return errno;
	return ready == 0 ? ETIMEDOUT : 0;
}

/*
 * Delivers the flight and sees the connection made, so that a failure to connect is found here; when the SYN took all of
 * the flight, an empty send finds it. On a blocking socket the second send waits. It has taken nothing meanwhile, and
 * signals, SA_RESTART and SO_SNDTIMEO end it as they end connect(2).
 *
 * Returns 0, or -1 with errno: EAGAIN or EINTR, and the call is to be made again with the same flight, or the failure.
 */
static int deliver(
	struct tlsfo_transport *transport, const struct iovec *iov, size_t iovcnt, bool may_wait)
{
	struct attempt *attempt = transport->attempt;
	size_t total = iovec_length(iov, iovcnt);
	bool waits = false;

	while (attempt->flight_sent < total || attempt->state != ATTEMPT_CONNECTED) {
		const struct iovec piece = piece_from(iov, iovcnt, attempt->flight_sent);
		ssize_t n = attempt_send(attempt, &piece, 1, waits);
		int error = n < 0 ? errno : 0;

		/* The connection was made and reset; the answer may be there to be read. */
		if (piece.iov_len == 0 && (error == ECONNRESET || error == EPIPE))
			break;
		attempt->flight_sent += n > 0 ? (uint32_t)n : 0;
		if (error == EAGAIN || (error == 0 && attempt->state == ATTEMPT_CONNECTING))
			error = may_wait ? await_connected(transport, &waits) : EAGAIN;
		/* GnuTLS reads already, and reading tells as much. */
		if (error == EAGAIN && transport->phase == TRANSPORT_HELD &&
			attempt->flight_sent == total)
			break;
		if (error == 0)
			continue;
		if (error != EAGAIN && error != EINTR) {
			attempt_failed(attempt, error);
			/* The program may ask for its socket. */
			transport_set_callbacks(transport, true);
		}
		return (int)fail(transport, error);
	}
	/* Where the SYN did not take all of the flight, the rest is under way. */
	if (attempt->syn_bytes != (int64_t)total)
		begin_watch(transport);
	go_direct(transport);
	return 0;
}

static ssize_t push_first(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	size_t total = iovec_length(iov, iovcnt);

	/* GnuTLS pushes a record at a time, the hello first. */
	transport->early_data = flight_announces_early_data(iov[0].iov_base, iov[0].iov_len);
	/* The hello waits for all of the early data, so that both leave in one SYN; the client has no socket yet. */
	if (transport->early_data || transport->attempt->fd < 0) {
		ssize_t kept = keep(transport, iov, iovcnt);

		if (kept < 0)
			return -1;
		transport->phase = TRANSPORT_GATHERING;
		transport_set_callbacks(transport, false);
		return kept;
	}
	transport->flight_bytes = (int64_t)total;
	transport->phase = TRANSPORT_SENDING;
	return deliver(transport, iov, iovcnt, true) == 0 ? (ssize_t)total : -1;
}

/* Used from the end of the first flight to that of the second, and as long as failures are forgiven; with callbacks of
 * the program's own always. */
static ssize_t push_direct(struct tlsfo_transport *transport, const giovec_t *iov, size_t iovcnt)
{
	int fd = transport->attempt->fd;
	ssize_t n = direct_vec_push(direct_pointer(fd), iov, (int)iovcnt);
	int error = errno;
	/*
	 * A server may answer early data and close before it has seen the client's Finished. The answer is there to be
	 * read, but GnuTLS gives the handshake up when it cannot write. So while the handshake of such a session is
	 * open, a push into a connection that the peer has closed succeeds; reading finds the answer, or the end.
	 */
	bool forgiving = transport->early_data && !session_is_established(transport->session);

	if (n > 0)
		begin_watch(transport);
	/* The second flight has left, and tickets follow. They are acknowledged at once, as tlsfo_transport_hook() does
	 * for programs that set it. From now on something that follows the SYN can have arrived; the server's first
	 * flight was read record by record before. */
	if (!transport->acknowledged && n > SPEC_SIZE) {
		stream_acknowledge(fd);
		if (transport->watching)
			change_note(fd, 0, WATCHED);
		transport->acknowledged = true;
	}
	/* Nothing of ours stands between GnuTLS and the socket any more. */
	if (transport->acknowledged && !forgiving && !transport->own_callbacks) {
		gnutls_transport_ptr_t receive;
		gnutls_transport_ptr_t send;

		gnutls_transport_get_ptr2(transport->session, &receive, &send);
		gnutls_transport_set_ptr2(transport->session, receive, direct_pointer(fd));
		gnutls_transport_set_vec_push_function(transport->session, direct_vec_push);
	}
	if (n >= 0)
		return n;
	if (!forgiving || (error != EPIPE && error != ECONNRESET))
		return fail(transport, error);
	/* Reading may still bring the session to a good end, which a report must not call a failure. */
	change_note(fd, note_of(fd), 0);
	return (ssize_t)iovec_length(iov, iovcnt);
}

ssize_t tlsfo_transport_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	struct tlsfo_transport *transport = ptr;
	size_t count = (size_t)iovcnt;

	switch (transport->phase) {
	case TRANSPORT_IDLE:
		return push_first(transport, iov, count);
	case TRANSPORT_SENDING:
		return deliver(transport, iov, count, true) == 0 ? (ssize_t)iovec_length(iov, count)
								 : -1;
	case TRANSPORT_GATHERING:
	case TRANSPORT_HELD:
		return keep(transport, iov, count);
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

/* ------------------------------------------------------------------------------------- pull -- */

/* GnuTLS reads, so all of the first flight was pushed. Delivers what is held of it, as deliver() does. */
static int deliver_held(struct tlsfo_transport *transport, bool may_wait)
{
	if (transport->engine == TLSFO_ENGINE_GNUTLS && transport->phase != TRANSPORT_DIRECT) {
		engine_gnutls_end(transport);
		go_direct(transport);
	}
	if (!transport_is_holding(transport))
		return 0;
	/* There is no socket yet, or there will never be one. */
	if (transport->attempt->fd < 0)
		return (int)fail(transport, transport->error != 0 ? ENOTCONN : EAGAIN);
	transport->phase = TRANSPORT_HELD;
	const struct iovec held = {transport->held.data, transport->held.len};
	return deliver(transport, &held, 1, may_wait);
}

ssize_t tlsfo_transport_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	struct tlsfo_transport *transport = ptr;

	if (deliver_held(transport, true) != 0)
		return -1;
	ssize_t n = direct_pull(direct_pointer(transport->attempt->fd), buf, len);
	if (n < 0)
		return fail(transport, errno);
	attempt_connected(transport->attempt, clock_us());
	return n;
}

int tlsfo_transport_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	struct tlsfo_transport *transport = ptr;
	int64_t deadline = ms > INT_MAX ? DEADLINE_NEVER : deadline_in(clock_us(), ms);

	while (deliver_held(transport, false) != 0) {
		int fd = transport->attempt->fd;

		if (fd < 0)
			return -1;
		/* The pull that follows tells it. */
		if (errno != EAGAIN)
			return 1;
		int writable = stream_poll(fd, POLLOUT, deadline_poll(deadline, clock_us()));
		if (writable < 0)
			return (int)fail(transport, errno);
		/* A program's own callback may have asked for less than GnuTLS allows. */
		if (writable == 0 && transport->own_callbacks)
			return 0;
		if (writable == 0)
			attempt_failed(transport->attempt, ETIMEDOUT);
	}
	int ready =
		stream_poll(transport->attempt->fd, POLLIN, deadline_poll(deadline, clock_us()));
	return ready < 0 ? (int)fail(transport, errno) : ready;
}

int transport_system_error(const struct tlsfo_transport *transport)
{
	const struct attempt *attempt = transport->attempt;

	if (attempt->error != 0 || stream_cookie(attempt->fd) != transport->socket_cookie)
		return attempt->error;
	unsigned char note = note_of(attempt->fd);
	return note == WATCHED ? 0 : note;
}
