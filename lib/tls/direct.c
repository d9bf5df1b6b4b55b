/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/direct.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "net/stream.h"
#include "net/watch.h"

/* Enough for the sockets whose failure a thread has not yet asked a report of. */
#define KEPT 32

static _Thread_local struct {
	struct {
		uint64_t cookie;
		int error;
	} entries[KEPT];
	unsigned int next;
} failures;

static _Thread_local struct {
	direct_watch_fn watch;
	void *context;
	bool found_nothing;
} reading;

static int descriptor(gnutls_transport_ptr_t ptr)
{
	return (int)(intptr_t)ptr;
}

gnutls_transport_ptr_t direct_pointer(int fd)
{
	return (gnutls_transport_ptr_t)(intptr_t)fd;
}

int direct_failure(uint64_t cookie)
{
	for (size_t i = 0; cookie != 0 && i < KEPT; i++)
		if (failures.entries[i].cookie == cookie)
			return failures.entries[i].error;
	return 0;
}

void direct_forget_failure(uint64_t cookie)
{
	for (size_t i = 0; i < KEPT; i++)
		if (failures.entries[i].cookie == cookie)
			failures.entries[i].cookie = 0;
}

void direct_keep_failure(uint64_t cookie, int error)
{
	/* The first is the cause, later ones are its consequences. */
	if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR ||
		direct_failure(cookie) != 0)
		return;
	failures.entries[failures.next].cookie = cookie;
	failures.entries[failures.next].error = error;
	failures.next = (failures.next + 1) % KEPT;
}

static ssize_t keep_failure(int fd, ssize_t ret)
{
	int error = errno;

	if (ret < 0 && error != EAGAIN && error != EINTR)
		direct_keep_failure(stream_cookie(fd), error);
	errno = error;
	return ret;
}

ssize_t direct_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	int fd = descriptor(ptr);

	return keep_failure(fd, stream_send(fd, iov, (size_t)iovcnt, false));
}

ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	int fd = descriptor(ptr);
	ssize_t n = stream_receive(fd, buf, len);

	reading.found_nothing = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
	if (n > 0 && reading.watch != NULL && !reading.watch(reading.context, buf, (size_t)n)) {
		errno = EPROTO;
		return -1;
	}
	return keep_failure(fd, n);
}

ssize_t direct_watched_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	ssize_t n = direct_pull(ptr, buf, len);

	if (n > 0)
		watch_look_at_own(descriptor(ptr));
	return n;
}

void direct_begin_read(direct_watch_fn watch, void *context)
{
	reading.watch = watch;
	reading.context = context;
	reading.found_nothing = false;
}

void direct_end_read(void)
{
	reading.watch = NULL;
}

bool direct_found_nothing(void)
{
	return reading.found_nothing;
}

int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	return stream_poll(descriptor(ptr), POLLIN, ms > INT_MAX ? -1 : (int)ms);
}
