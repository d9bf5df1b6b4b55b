/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/io.h"

#include <errno.h>
#include <poll.h>

#include <tlsfo/client.h>
#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/bytes.h"
#include "net/stream.h"
#include "net/tcp_facts.h"
#include "tls/session.h"

/* The time between two looks while the kernel watches the path. */
#define WATCH_LOOK_MS 100

/* Records without data that are read on when the time is over: GnuTLS says GNUTLS_E_AGAIN after each
 * ticket and each key update, whatever has arrived behind it. A peer that sends nothing else must not
 * keep us. */
#define ASIDES_MOST 64

/* While draining: what is thrown away at most, and the time it may take. */
#define DRAIN_BYTES	 (64 * 1024)
#define DRAIN_LEAST_US	 50000
#define DRAIN_MOST_US	 1000000
#define DRAIN_UNKNOWN_US 250000

static int descriptor(const struct io *io)
{
	return io->transport->attempt->fd;
}

void io_init(struct io *io, struct tlsfo_transport *transport, struct tickets *tickets,
	const struct attempt *attempt, bool shared, struct cancel *cancel)
{
	*io = (struct io){
		.transport = transport,
		.tickets = tickets,
		.cancel = cancel,
		.watch = {.open = true, .shared = shared, .most = io->watch.most},
	};
	watch_look(&io->watch, attempt->fd, &attempt->facts);
}

void io_deinit(struct io *io)
{
	guard_deinit(&io->guard);
	*io = (struct io){0};
}

bool io_was_swallowed(struct io *io)
{
	struct tcp_facts facts;

	if (!io->watch.open || tcp_facts_read(descriptor(io), &facts) != 0)
		return false;
	int error = transport_system_error(io->transport);
	if (error == 0 && facts.phase == TCP_PHASE_CLOSED)
		error = stream_error(descriptor(io));
	/* Asking takes the error off the socket, so the attempt keeps it. It stays the one that won. */
	if (error != 0)
		io->transport->attempt->error = error;
	return watch_found_swallowed(&facts, error);
}

static bool is_again(ssize_t ret)
{
	return ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED;
}

/* True when the server asked for something between its data and our answer was not sent yet. */
static bool owes(const struct io *io)
{
	return io->refusal_owed || io->reauth_owed;
}

/* Until @deadline, TLSFO_NOW too. Returns 0, GNUTLS_E_TIMEDOUT, TLSFO_E_CANCELLED, or TLSFO_E_SYSTEM with errno. */
static int wait_until(const struct io *io, short events, int64_t deadline)
{
	for (;;) {
		int timeout = deadline_poll(deadline, clock_us());
		struct pollfd awaited[2] = {
			{.fd = descriptor(io), .events = events}, {.fd = -1, .events = POLLIN}};

		if (timeout != 0)
			awaited[1].fd = cancel_fd(io->cancel, &timeout);
		int ready = poll(awaited, array_length(awaited), timeout);
		if (ready > 0 && awaited[0].revents != 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return TLSFO_E_SYSTEM;
		if (deadline_passed(deadline, clock_us()))
			return GNUTLS_E_TIMEDOUT;
		if (cancel_told(io->cancel))
			return TLSFO_E_CANCELLED;
	}
}

/* Waits, or says that the time is over in the words of the deadline. */
static int wait_or_stop(struct io *io, short events, int64_t deadline)
{
	if (deadline == TLSFO_NOW)
		return GNUTLS_E_AGAIN;
	if (deadline_passed(deadline, clock_us()))
		return GNUTLS_E_TIMEDOUT;
	/* The kernel's watch over the path must not outlast its cause: a server that then reads nothing for
	 * long would be taken for one that is gone. Who waits here looks after it. */
	int64_t until = io->watch.open ? deadline_in(clock_us(), WATCH_LOOK_MS) : TLSFO_NEVER;
	int ret = wait_until(io, events, deadline_earlier(deadline, until));
	if (ret != GNUTLS_E_TIMEDOUT || deadline_passed(deadline, clock_us()))
		return ret;
	watch_look(&io->watch, descriptor(io), NULL);
	return 0;
}

/* Sends the record that GnuTLS keeps on its way. Returns 0, GNUTLS_E_AGAIN, or the failure. */
static int resume_pending(struct io *io)
{
	while (io->pending != PENDING_NOTHING) {
		ssize_t n = gnutls_record_send(io->transport->session, NULL, 0);

		/* When the peer has asked for a key update meanwhile, GnuTLS sends the record, then
		 * refuses the empty one behind it. */
		if (n == GNUTLS_E_INVALID_REQUEST)
			n = (ssize_t)io->pending_len;
		if (is_again(n))
			return (int)n;
		if (n >= 0 && io->pending == PENDING_DATA)
			io->sent_ahead += (size_t)n;
		if (n >= 0 && io->pending == PENDING_CLOSE)
			io->write_ended = true;
		io->pending = PENDING_NOTHING;
		if (n < 0)
			return (int)n;
	}
	return 0;
}

/* Sends what is owed from before. Its bytes count as taken from the program's next write, which
 * begins with them. Returns 0 when nothing waits any more, GNUTLS_E_AGAIN, or the failure. */
static int flush(struct io *io)
{
	gnutls_session_t session = io->transport->session;

	watch_look(&io->watch, descriptor(io), NULL);
	int ret = resume_pending(io);
	if (ret == 0 && io->reauth_owed) {
		ret = gnutls_reauth(session, 0);
		io->reauth_owed = is_again(ret);
	}
	if (ret != 0 || !io->refusal_owed)
		return ret;
	io->refusal_owed = false;
	ret = gnutls_alert_send(session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
	if (is_again(ret))
		io->pending = PENDING_ALERT;
	return ret;
}

short io_events(const struct io *io)
{
	bool sends = io->pending != PENDING_NOTHING || owes(io);

	/* What the server still says is not to be waited for while the last record waits for room. */
	if (io->finishing)
		return sends ? POLLOUT : POLLIN;
	return sends ? POLLIN | POLLOUT : POLLIN;
}

/*
 * Reading said @code: there was no data. What has arrived behind it is read although the time is over,
 * because epoll(7) with EPOLLET says nothing of it again. Returns 0 to read on, or why not.
 */
static int read_on(struct io *io, int code, int64_t deadline, unsigned int *asides)
{
	bool over = deadline_passed(deadline, clock_us());

	if (!is_again(code) && gnutls_error_is_fatal(code))
		return code;
	/* TLS 1.2: the server wants to negotiate anew. We do not, and say so; some go on then. */
	if (code == GNUTLS_E_REHANDSHAKE) {
		io->refusal_owed = true;
		io->refused = true;
	}
	/* TLS 1.3: the server wants a client certificate now (RFC 8446 §4.6.2). */
	if (code == GNUTLS_E_REAUTH_REQUEST)
		io->reauth_owed = true;
	if (!over)
		return is_again(code) ? wait_or_stop(io, io_events(io), deadline) : 0;
	/* The answer leaves now: an edge-triggered descriptor may never be writable anew. */
	if (!is_again(code) && owes(io) && ++*asides <= ASIDES_MOST)
		return 0;
	/* GnuTLS stopped at a record without data, and not because there is no more. */
	if (!io->guard.found_nothing && ++*asides <= ASIDES_MOST &&
		wait_until(io, POLLIN, TLSFO_NOW) == 0)
		return 0;
	return deadline == TLSFO_NOW ? GNUTLS_E_AGAIN : GNUTLS_E_TIMEDOUT;
}

/*
 * As gnutls_record_recv(), but always comes back. The alert user_canceled ends what the peer sends as well as
 * close_notify does, which may follow it (RFC 8446 §6.1); servers in Java send both. In TLS 1.3 GnuTLS takes it for
 * fatal: it neither reads the close_notify nor sends anything more.
 */
static ssize_t receive(struct io *io, void *buf, size_t len)
{
	gnutls_session_t session = io->transport->session;

	if (io->canceled)
		return 0;
	ssize_t n = guard_receive(&io->guard, session, buf, len);
	/* The next may be the end without a word, after which there is no session to keep. */
	if (!io->guard.refused)
		tickets_keep_session(io->tickets, session);
	if (n != GNUTLS_E_FATAL_ALERT_RECEIVED ||
		gnutls_alert_get(session) != GNUTLS_A_USER_CANCELED || !session_is_tls13(session))
		return n;
	io->canceled = true;
	io->write_error = (int)n;
	return 0;
}

ssize_t io_read(struct io *io, void *buf, size_t len, int64_t deadline)
{
	unsigned int asides = 0;

	for (;;) {
		/* The peer may wait for it before it sends what we wait for. When it cannot be sent
		 * any more, what the peer said before is still to be read. */
		int flushed = io->canceled ? 0 : flush(io);
		if (flushed < 0 && !is_again(flushed))
			io->write_error = flushed;
		ssize_t n = receive(io, buf, len);
		if (n == 0)
			io->read_ended = true;
		if (n >= 0)
			return n;
		int ret = read_on(io, (int)n, deadline, &asides);
		if (ret != 0)
			return ret;
	}
}

/* The bytes that GnuTLS puts in one record, which depends on the peer's limit too. */
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
static int send_some(
	struct io *io, const unsigned char *data, size_t len, int64_t deadline, size_t *taken)
{
	gnutls_session_t session = io->transport->session;

	while (*taken < len) {
		size_t chunk = one_record(session, len - *taken);
		ssize_t n = gnutls_record_send(session, data + *taken, chunk);

		if (is_again(n)) {
			io->pending = PENDING_DATA;
			io->pending_len = chunk;
		}
		if (n < 0)
			return (int)n;
		*taken += (size_t)n;
		if (*taken < len && deadline != TLSFO_NOW && deadline_passed(deadline, clock_us()))
			return GNUTLS_E_TIMEDOUT;
	}
	return 0;
}

int io_write(
	struct io *io, const unsigned char *data, size_t len, int64_t deadline, size_t *ret_taken)
{
	*ret_taken = 0;
	if (io->write_ended || io->pending == PENDING_CLOSE)
		return TLSFO_E_INVALID_ARGUMENT;
	if (io->write_error != 0)
		return io->write_error;
	for (;;) {
		int ret = flush(io);

		if (ret == 0 && len == 0)
			return 0;
		if (len > 0 && io->sent_ahead > len - *ret_taken)
			return TLSFO_E_INVALID_ARGUMENT;
		if (len > 0) {
			*ret_taken += io->sent_ahead;
			io->sent_ahead = 0;
		}
		if (ret == 0)
			ret = send_some(io, data, len, deadline, ret_taken);
		if (!is_again(ret))
			return ret;
		ret = wait_or_stop(io, POLLOUT, deadline);
		if (ret != 0)
			return ret;
	}
}

int io_shutdown(struct io *io, int64_t deadline)
{
	/* GnuTLS has ended the session and can send nothing more. */
	if (io->canceled)
		return 0;
	if (io->write_error != 0)
		return io->write_error;
	for (;;) {
		int ret = flush(io);

		if (io->write_ended)
			return 0;
		if (ret == 0)
			ret = gnutls_bye(io->transport->session, GNUTLS_SHUT_WR);
		io->write_ended = ret == 0;
		if (!is_again(ret))
			return ret;
		if (io->pending == PENDING_NOTHING)
			io->pending = PENDING_CLOSE;
		ret = wait_or_stop(io, POLLOUT, deadline);
		if (ret != 0)
			return ret;
	}
}

/* The time that the server's first ticket may take: it was sent right behind the last data. */
static int64_t drain_time(const struct io *io)
{
	struct tcp_facts facts;

	if (tcp_facts_read(descriptor(io), &facts) != 0 || facts.rtt_us < 0)
		return DRAIN_UNKNOWN_US;
	if (2 * facts.rtt_us < DRAIN_LEAST_US)
		return DRAIN_LEAST_US;
	return 2 * facts.rtt_us < DRAIN_MOST_US ? 2 * facts.rtt_us : DRAIN_MOST_US;
}

/* Reads and throws away what the server has left, for its tickets. Returns GNUTLS_E_AGAIN while the first one may come. */
static int drain(struct io *io)
{
	gnutls_session_t session = io->transport->session;
	unsigned char thrown_away[4096];
	bool awaited = true;
	ssize_t n = 0;

	tickets_keep_session(io->tickets, session);
	if (io->tickets->store == NULL || !(session_is_tls13(session) || io->tickets->owed))
		return 0;
	/* Records that have arrived are read in any case. Only the first ticket is waited for. */
	while (io->drained < DRAIN_BYTES && io->drained_late < ASIDES_MOST) {
		n = receive(io, thrown_away, sizeof(thrown_away));
		awaited = tickets_awaited(io->tickets, session);
		if (n > 0)
			io->drained += (size_t)n;
		else if (!is_again(n))
			break;
		else if (wait_until(io, POLLIN, TLSFO_NOW) != 0)
			break;
		io->drained_late += io->finishing && clock_us() >= io->finish_us;
	}
	wipe(thrown_away, sizeof(thrown_away));
	return is_again(n) && awaited ? GNUTLS_E_AGAIN : 0;
}

int io_finish(struct io *io, bool says_so)
{
	if (!io->finishing) {
		/* A server that then hangs up without a word spoils the session (RFC 5246 §7.2.1), unless its Finished
		 * was read before. */
		if (io->tickets->owed)
			(void)drain(io);
		io->finishing = true;
	}
	if (says_so && !io->write_ended && io->end_code == 0) {
		int ret = io_shutdown(io, TLSFO_NOW);

		if (ret == GNUTLS_E_AGAIN)
			return ret;
		io->end_code = ret;
	}
	if (io->finish_us == 0)
		io->finish_us = clock_us() + drain_time(io);
	/* The server may have sent a ticket before it closed. */
	if (drain(io) == GNUTLS_E_AGAIN && clock_us() < io->finish_us)
		return GNUTLS_E_AGAIN;
	return io->end_code;
}

bool io_await_finish(struct io *io, int64_t deadline)
{
	int64_t due = io->finish_us > 0 ? deadline_of_us(io->finish_us) : TLSFO_NEVER;

	if (deadline_passed(deadline, clock_us()))
		return false;
	int ret = wait_until(io, io_events(io), deadline_earlier(deadline, due));

	return ret == 0 || (ret == GNUTLS_E_TIMEDOUT && !deadline_passed(deadline, clock_us()));
}
