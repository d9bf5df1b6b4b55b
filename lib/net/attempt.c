/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/attempt.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/tcp_facts.h"

/* The kernel sends a SYN again after a second. A SYN that was answered sooner was sent once. */
#define SYN_AGAIN_LEAST_US 500000

void attempt_init(struct attempt *attempt, int fd, const struct address *address, bool plain)
{
	*attempt = (struct attempt){
		.fd = fd,
		.address = *address,
		.plain = plain,
		.start_us = -1,
		.connected_us = -1,
		.answered_us = -1,
		.syn_again = -1,
		.cookie_known = -1,
	};
}

/* A socket that is still connecting says so by any of these. */
static bool still_connecting(int error)
{
	return error == EINPROGRESS || error == EALREADY || error == EAGAIN || error == EWOULDBLOCK;
}

static ssize_t fail(struct attempt *attempt, int error)
{
	bool connecting = still_connecting(error);

	/* A signal ends the call, not the attempt. */
	if (!connecting && error != EINTR)
		attempt_failed(attempt, error);
	errno = connecting ? EAGAIN : error;
	return -1;
}

static ssize_t send_after_connect(
	struct attempt *attempt, const struct iovec *iov, size_t iovcnt, bool nowait)
{
	ssize_t n = stream_send(attempt->fd, iov, iovcnt, nowait);

	if (n < 0)
		return fail(attempt, errno);
	attempt_connected(attempt, clock_us());
	return n;
}

/*
 * Finds out how many of the bytes that the first call took left in the SYN. While the socket still connects, all did.
 * With a server on this machine the handshake can be over before the call returns. The call has then sent the rest
 * too, or even everything behind a SYN that only asked for a cookie. The kernel's counts tell most of these
 * cases apart.
 */
static void note_syn_bytes(struct attempt *attempt, int64_t taken)
{
	struct tcp_facts facts;

	attempt->syn_bytes = -1;
	if (tcp_facts_read(attempt->fd, &facts) != 0)
		return;
	if (facts.phase != TCP_PHASE_CONNECTED) {
		attempt->syn_bytes = taken;
		return;
	}
	attempt_connected(attempt, clock_us());
	if (facts.fail == TCP_FASTOPEN_FAIL_NO_COOKIE)
		attempt->syn_bytes = 0;
	else if (facts.syn_data_acknowledged && facts.data_segments == 1)
		attempt->syn_bytes = taken;
	else if (facts.data_segments == 2 && facts.bytes_sent == 2 * taken)
		attempt->syn_bytes = taken;
}

static ssize_t send_first(struct attempt *attempt, const struct iovec *iov, size_t iovcnt)
{
	ssize_t n;

	attempt->start_us = clock_us();
	attempt->state = ATTEMPT_CONNECTING;
	if (attempt->plain)
		n = stream_connect(attempt->fd, &attempt->address);
	else
		n = stream_fastopen(attempt->fd, &attempt->address, iov, iovcnt, &attempt->absence);
	attempt->asked = !attempt->plain && attempt->absence == FASTOPEN_TRIED;
	attempt->sent = n >= 0 || still_connecting(errno);
	if (n < 0)
		return fail(attempt, errno);
	if (attempt->plain)
		return iovcnt > 0 ? send_after_connect(attempt, iov, iovcnt, true) : 0;
	if (!attempt->asked)
		attempt_connected(attempt, clock_us());
	else if (n > 0)
		note_syn_bytes(attempt, n);
	return n;
}

ssize_t attempt_send(struct attempt *attempt, const struct iovec *iov, size_t iovcnt, bool wait)
{
	if (attempt->state == ATTEMPT_IDLE)
		return send_first(attempt, iov, iovcnt);
	if (attempt->state != ATTEMPT_FAILED)
		return send_after_connect(attempt, iov, iovcnt, !wait);
	errno = attempt->error;
	return -1;
}

void attempt_connected(struct attempt *attempt, int64_t now_us)
{
	if (attempt->state != ATTEMPT_CONNECTING && attempt->state != ATTEMPT_IDLE)
		return;
	attempt->state = ATTEMPT_CONNECTED;
	attempt->connected_us = now_us;
}

void attempt_keep_answer(struct attempt *attempt)
{
	struct tcp_facts facts;

	/* If the SYN had data, the kernel remembers that it was sent again. */
	if (attempt->syn_again >= 0 || attempt->state != ATTEMPT_CONNECTED || !attempt->asked ||
		attempt->syn_bytes > 0)
		return;
	if (attempt->start_us >= 0 &&
		attempt->connected_us - attempt->start_us < SYN_AGAIN_LEAST_US)
		attempt->syn_again = 0;
	else if (tcp_facts_read(attempt->fd, &facts) == 0 && facts.was_connected)
		attempt->syn_again = facts.syn_retransmitted;
}

void attempt_look_for_answer(struct attempt *attempt)
{
	if (attempt->answered_us < 0 && recv(attempt->fd, attempt->answer, ATTEMPT_ANSWER_SIZE - 1,
						MSG_PEEK | MSG_DONTWAIT) > 0)
		attempt->answered_us = clock_us();
}

void attempt_close(struct attempt *attempt)
{
	if (attempt->fd < 0)
		return;
	attempt->facts_kept = tcp_facts_read(attempt->fd, &attempt->facts) == 0;
	close(attempt->fd);
	attempt->fd = -1;
}

void attempt_failed(struct attempt *attempt, int error)
{
	if (attempt->state == ATTEMPT_FAILED)
		return;
	attempt->state = ATTEMPT_FAILED;
	attempt->error = error;
}
