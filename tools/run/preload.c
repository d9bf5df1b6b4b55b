/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The library that "tlsfo run" preloads into programs: it stands before the calls of the C library with which they
 * connect, write first, and wait for something to read. The kernel itself does the rest; see connection.h.
 */

#include "calls.h"
#include "connection.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define CALL_NAME(name) #name,
static const char *const call_names[] = {CALLS(CALL_NAME)};
#undef CALL_NAME

static void *_Atomic calls[CALL_COUNT];

void *calls_next(enum call call)
{
	void *next = atomic_load_explicit(&calls[call], memory_order_relaxed);

	if (next == NULL) {
		next = dlsym(RTLD_NEXT, call_names[call]);
		atomic_store_explicit(&calls[call], next, memory_order_relaxed);
	}
	return next;
}

/* The loader's lock may not be there for a signal handler or a forked child, so all names are looked up before. */
__attribute__((constructor)) static void begin(void)
{
	for (int call = 0; call < CALL_COUNT; call++)
		(void)calls_next((enum call)call);
	(void)pthread_atfork(connections_before_fork, NULL, connections_forked);
	connections_init();
}

__attribute__((destructor)) static void end(void)
{
	connections_end();
}

static const char read_first[] = "the program read or waited first";
static const char handed_on[] = "the program gave the socket another descriptor";

/* ------------------------------------------------------------------------------- the connection -- */

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return connection_connect(fd, address, length);
}

EXPORT int getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	int ret = NEXT(getpeername)(fd, address, length);

	return ret < 0 && errno == ENOTCONN && connection_peer(fd, address, length) ? 0 : ret;
}

EXPORT int close(int fd)
{
	connection_end(fd);
	return NEXT(close)(fd);
}

EXPORT int dup(int fd)
{
	connection_send_syn(fd, handed_on);
	return NEXT(dup)(fd);
}

EXPORT int dup2(int from, int to)
{
	connection_send_syn(from, handed_on);
	if (from != to)
		connection_end(to);
	return NEXT(dup2)(from, to);
}

EXPORT int dup3(int from, int to, int flags)
{
	connection_send_syn(from, handed_on);
	if (from != to)
		connection_end(to);
	return NEXT(dup3)(from, to, flags);
}

/* Every argument of fcntl(2) fits a pointer. */
EXPORT int fcntl(int fd, int command, ...)
{
	va_list arguments;

	va_start(arguments, command);
	void *argument = va_arg(arguments, void *);

	va_end(arguments);
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		connection_send_syn(fd, handed_on);
	return NEXT(fcntl)(fd, command, argument);
}

EXPORT int fcntl64(int fd, int command, ...) __attribute__((alias("fcntl")));

/* The streams of the C library read and write where no other library sees it. */
EXPORT FILE *fdopen(int fd, const char *mode)
{
	connection_send_syn(fd, handed_on);
	return NEXT(fdopen)(fd, mode);
}

/* ---------------------------------------------------------------------------------------- writes -- */

static ssize_t write_first(int fd, const void *data, size_t length, int flags)
{
	struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = length};
	const struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	return connection_write_first(fd, &message, flags);
}

EXPORT ssize_t write(int fd, const void *data, size_t length)
{
	if (connection_deferred(fd))
		return write_first(fd, data, length, 0);
	connection_writes(fd);
	return NEXT(write)(fd, data, length);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	const struct msghdr message = {
		.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)count};

	if (connection_deferred(fd) && count > 0)
		return connection_write_first(fd, &message, 0);
	connection_writes(fd);
	return NEXT(writev)(fd, parts, count);
}

EXPORT ssize_t send(int fd, const void *data, size_t length, int flags)
{
	if (connection_deferred(fd))
		return write_first(fd, data, length, flags);
	connection_writes(fd);
	return NEXT(send)(fd, data, length, flags);
}

EXPORT ssize_t sendto(int fd, const void *data, size_t length, int flags,
	const struct sockaddr *address, socklen_t address_length)
{
	if (connection_deferred(fd))
		return write_first(fd, data, length, flags);
	connection_writes(fd);
	return NEXT(sendto)(fd, data, length, flags, address, address_length);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (connection_deferred(fd))
		return connection_write_first(fd, message, flags);
	connection_writes(fd);
	return NEXT(sendmsg)(fd, message, flags);
}

/* No TLS library begins with one of these. */
static const char no_hello[] = "the first write was no ClientHello";

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	connection_send_syn(fd, no_hello);
	return NEXT(sendmmsg)(fd, messages, count, flags);
}

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t length)
{
	connection_send_syn(to, no_hello);
	return NEXT(sendfile)(to, from, offset, length);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *offset, size_t length)
{
	connection_send_syn(to, no_hello);
	return NEXT(sendfile64)(to, from, offset, length);
}

EXPORT ssize_t splice(
	int from, off_t *from_offset, int to, off_t *to_offset, size_t length, unsigned int flags)
{
	connection_send_syn(from, read_first);
	connection_send_syn(to, no_hello);
	return NEXT(splice)(from, from_offset, to, to_offset, length, flags);
}

/* ----------------------------------------------------------------------------------------- reads -- */

static ssize_t has_read(int fd, ssize_t result)
{
	connection_has_read(fd, result);
	return result;
}

EXPORT ssize_t read(int fd, void *buf, size_t size)
{
	connection_send_syn(fd, read_first);
	return has_read(fd, NEXT(read)(fd, buf, size));
}

EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
	connection_send_syn(fd, read_first);
	return has_read(fd, NEXT(readv)(fd, parts, count));
}

EXPORT ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	connection_send_syn(fd, read_first);
	return has_read(fd, NEXT(recv)(fd, buf, size, flags));
}

EXPORT ssize_t recvfrom(
	int fd, void *buf, size_t size, int flags, struct sockaddr *address, socklen_t *length)
{
	connection_send_syn(fd, read_first);
	return has_read(fd, NEXT(recvfrom)(fd, buf, size, flags, address, length));
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	connection_send_syn(fd, read_first);
	return has_read(fd, NEXT(recvmsg)(fd, message, flags));
}

EXPORT int recvmmsg(
	int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
	connection_send_syn(fd, read_first);
	return (int)has_read(fd, NEXT(recvmmsg)(fd, messages, count, flags, timeout));
}

/* Programs built with _FORTIFY_SOURCE call these where the compiler does not know that the buffer is large enough. */
_Noreturn void __chk_fail(void);
EXPORT ssize_t __read_chk(int fd, void *buf, size_t size, size_t room);
EXPORT ssize_t __recv_chk(int fd, void *buf, size_t size, size_t room, int flags);
EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t size, size_t room, int flags,
	struct sockaddr *address, socklen_t *length);
EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room);
EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	const sigset_t *mask, size_t room);

ssize_t __read_chk(int fd, void *buf, size_t size, size_t room)
{
	if (size > room)
		__chk_fail();
	return read(fd, buf, size);
}

ssize_t __recv_chk(int fd, void *buf, size_t size, size_t room, int flags)
{
	if (size > room)
		__chk_fail();
	return recv(fd, buf, size, flags);
}

ssize_t __recvfrom_chk(int fd, void *buf, size_t size, size_t room, int flags,
	struct sockaddr *address, socklen_t *length)
{
	if (size > room)
		__chk_fail();
	return recvfrom(fd, buf, size, flags, address, length);
}

/* ----------------------------------------------------------------------------------------- waits -- */

/* A deferred socket is writable at once, so whoever also waits for that is woken. */
static void before_poll(const struct pollfd *fds, nfds_t count)
{
	const short reads = POLLIN | POLLRDNORM | POLLRDBAND | POLLPRI | POLLRDHUP;

	if (connections_deferred() == 0)
		return;
	for (nfds_t i = 0; i < count; i++) {
		if ((fds[i].events & reads) != 0 &&
			(fds[i].events & (POLLOUT | POLLWRNORM | POLLWRBAND)) == 0)
			connection_send_syn(fds[i].fd, read_first);
	}
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	before_poll(fds, count);
	return NEXT(poll)(fds, count, timeout);
}

EXPORT int ppoll(
	struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	before_poll(fds, count);
	return NEXT(ppoll)(fds, count, timeout, mask);
}

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	if (room / sizeof(*fds) < count)
		__chk_fail();
	return poll(fds, count, timeout);
}

int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	const sigset_t *mask, size_t room)
{
	if (room / sizeof(*fds) < count)
		__chk_fail();
	return ppoll(fds, count, timeout, mask);
}

static void before_select(int count, const fd_set *reads, const fd_set *writes)
{
	int most = connections_deferred();

	for (int fd = 0; reads != NULL && fd < count && fd < most; fd++) {
		if (connection_deferred(fd) && FD_ISSET(fd, reads) &&
			(writes == NULL || !FD_ISSET(fd, writes)))
			connection_send_syn(fd, read_first);
	}
}

EXPORT int select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *timeout)
{
	before_select(count, reads, writes);
	return NEXT(select)(count, reads, writes, others, timeout);
}

EXPORT int pselect(int count, fd_set *reads, fd_set *writes, fd_set *others,
	const struct timespec *timeout, const sigset_t *mask)
{
	before_select(count, reads, writes);
	return NEXT(pselect)(count, reads, writes, others, timeout, mask);
}

/* What each descriptor is waited for with epoll(7), also before it is connected. */
enum { WAITS_READ = 1, WAITS_WRITE = 2, WAITS_EDGE = 4, WAITED = 8, WAITS_DESCRIPTORS = 4096 };
static atomic_uchar waits[WAITS_DESCRIPTORS];

EXPORT int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
{
	int ret = NEXT(epoll_ctl)(epfd, operation, fd, event);
	unsigned int flags = 0;

	if (ret != 0 || fd < 0 || fd >= WAITS_DESCRIPTORS)
		return ret;
	if (operation != EPOLL_CTL_DEL)
		flags = ((event->events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP)) ? WAITS_READ : 0U) |
			((event->events & EPOLLOUT) ? WAITS_WRITE : 0U) |
			((event->events & EPOLLET) ? WAITS_EDGE : 0U);
	atomic_store(&waits[fd], (unsigned char)flags);
	return ret;
}

static void before_epoll(void)
{
	for (int fd = connections_deferred() - 1; fd >= 0; fd--) {
		unsigned int flags = atomic_load(&waits[fd]);

		if (connection_deferred(fd) && (flags & WAITS_READ) &&
			(!(flags & WAITS_WRITE) || (flags & WAITED)))
			connection_send_syn(fd, read_first);
	}
}

/* A socket that is watched for edges is told to be writable once: who then waits again, waits for reading. */
static int after_epoll(int result)
{
	for (int fd = result > 0 ? connections_deferred() - 1 : -1; fd >= 0; fd--) {
		if (connection_deferred(fd) && (atomic_load(&waits[fd]) & WAITS_EDGE))
			atomic_fetch_or(&waits[fd], WAITED);
	}
	return result;
}

EXPORT int epoll_wait(int epfd, struct epoll_event *events, int most, int timeout)
{
	before_epoll();
	return after_epoll(NEXT(epoll_wait)(epfd, events, most, timeout));
}

EXPORT int epoll_pwait(
	int epfd, struct epoll_event *events, int most, int timeout, const sigset_t *mask)
{
	before_epoll();
	return after_epoll(NEXT(epoll_pwait)(epfd, events, most, timeout, mask));
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *events, int most,
	const struct timespec *timeout, const sigset_t *mask)
{
	before_epoll();
	return after_epoll(NEXT(epoll_pwait2)(epfd, events, most, timeout, mask));
}
