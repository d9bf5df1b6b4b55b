/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tls/direct.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/stream.h"
#include "net/watch.h"

#define DESCRIPTORS 65536

/* Of a descriptor: 0, the errno of its first failure, or one of these. No errno is as large. */
#define WATCHED	     254 /* by the kernel */
#define LOOKED_AFTER 255 /* the same, and every read and write looks whether that is to end */

static _Atomic unsigned char notes[DESCRIPTORS];

static unsigned char note_of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS ? atomic_load(&notes[fd]) : 0;
}

static void end_watch_when_over(int fd)
{
	unsigned char looked_after = LOOKED_AFTER;

	/* One thread may read while another one writes, and may have noted a failure meanwhile. */
	if (note_of(fd) == LOOKED_AFTER && !watch_look_at_own(fd, true))
		atomic_compare_exchange_strong(&notes[fd], &looked_after, 0);
}

static ssize_t keep_failure(int fd, ssize_t ret)
{
	bool failed = ret < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;

	/* The first is the cause, later ones are its consequences. */
	if (failed && fd >= 0 && fd < DESCRIPTORS && direct_failure(fd) == 0)
		atomic_store(&notes[fd], (unsigned char)errno);
	return ret;
}

ssize_t direct_send(int fd, const giovec_t *iov, size_t iovcnt)
{
	end_watch_when_over(fd);
	return keep_failure(fd, stream_send(fd, iov, iovcnt, false));
}

ssize_t direct_receive(int fd, void *buf, size_t len)
{
	ssize_t n = recv(fd, buf, len, 0);

	if (n > 0)
		end_watch_when_over(fd);
	return keep_failure(fd, n);
}

static int descriptor(gnutls_transport_ptr_t ptr)
{
	return (int)(intptr_t)ptr;
}

gnutls_transport_ptr_t direct_pointer(int fd)
{
	return (gnutls_transport_ptr_t)(intptr_t)fd;
}

ssize_t direct_vec_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	return direct_send(descriptor(ptr), iov, (size_t)iovcnt);
}

ssize_t direct_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	return direct_receive(descriptor(ptr), buf, len);
}

int direct_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	return stream_poll(descriptor(ptr), POLLIN, ms > INT_MAX ? -1 : (int)ms);
}

void direct_forget(int fd)
{
	if (fd < DESCRIPTORS)
		atomic_store(&notes[fd], 0);
}

void direct_watch(int fd)
{
	if (fd < DESCRIPTORS && watch_look_at_own(fd, false))
		atomic_store(&notes[fd], WATCHED);
}

void direct_look_after(int fd)
{
	unsigned char watched = WATCHED;

	if (fd < DESCRIPTORS)
		atomic_compare_exchange_strong(&notes[fd], &watched, LOOKED_AFTER);
}

int direct_failure(int fd)
{
	unsigned char note = note_of(fd);

	return note < WATCHED ? note : 0;
}
