/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/deadline.h"

int stream_socket(int family, bool nonblocking)
{
	const int off = 0;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0),
		IPPROTO_TCP);

	/* Mapped addresses have to work wherever IPv4 does. If the system refuses the option, only
	 * their use fails. */
	if (fd >= 0 && family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	return fd;
}

int stream_bind(int fd, const struct address *address)
{
	struct address ip4;

	if (bind(fd, &address->sa.any, address->len) == 0)
		return 0;
	/* On a system without IPv6 the socket is an IPv4 one. */
	if (errno != EAFNOSUPPORT || !address_unmap(address, &ip4))
		return -1;
	return bind(fd, &ip4.sa.any, ip4.len);
}

/* What the program allows a blocking connect, for poll(2): SO_SNDTIMEO (socket(7)). */
static int connect_timeout_ms(int fd)
{
	struct timeval limit = {0};
	socklen_t len = sizeof(limit);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &len) != 0)
		return -1;
	if (limit.tv_sec == 0 && limit.tv_usec == 0)
		return -1;
	if (limit.tv_sec > INT_MAX / 1000 - 1)
		return INT_MAX;
	return (int)(limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
}

int stream_await_connected(int fd)
{
	int timeout = connect_timeout_ms(fd);
	int64_t deadline = deadline_in(clock_us(), timeout);
	int error = 0;
	socklen_t len = sizeof(error);
	int ready;

	do
		ready = stream_poll(fd, POLLOUT, deadline_poll(deadline, clock_us()));
	while (ready < 0 && errno == EINTR && !deadline_passed(deadline, clock_us()));
	if (ready == 0 || (ready < 0 && errno == EINTR))
		error = EINPROGRESS;
	else if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -1;
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

static int connect_once(int fd, const struct address *address)
{
	struct address ip4;

	if (connect(fd, &address->sa.any, address->len) == 0)
		return 0;
	if (errno != EAFNOSUPPORT || !address_unmap(address, &ip4))
		return -1;
	return connect(fd, &ip4.sa.any, ip4.len);
}

/* connect(2) knows no MSG_DONTWAIT: the socket is made non-blocking for the call. */
static int connect_nowait(int fd, const struct address *address)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	if ((flags & O_NONBLOCK) != 0)
		return connect_once(fd, address);
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return -1;
	int ret = connect_once(fd, address);
	int saved = errno;
	fcntl(fd, F_SETFL, flags);
	errno = saved;
	return ret;
}

int stream_connect(int fd, const struct address *address, bool nowait)
{
	if (nowait)
		return connect_nowait(fd, address);
	if (connect_once(fd, address) == 0)
		return 0;
	/* After a signal the connection goes on being made (connect(2)). */
	return errno == EINTR ? stream_await_connected(fd) : -1;
}

ssize_t stream_send(int fd, const struct iovec *iov, size_t iovcnt, bool nowait)
{
	struct msghdr message = {
		/* sendmsg(2) does not write to what it sends. */
		.msg_iov = (struct iovec *)(uintptr_t)iov,
		.msg_iovlen = iovcnt,
	};

	return sendmsg(fd, &message, MSG_NOSIGNAL | (nowait ? MSG_DONTWAIT : 0));
}

int stream_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}

ssize_t stream_receive(int fd, void *buf, size_t len)
{
	return recv(fd, buf, len, 0);
}

int stream_poll(int fd, short events, int timeout_ms)
{
	struct pollfd pfd = {.fd = fd, .events = events};

	return poll(&pfd, 1, timeout_ms);
}

bool stream_has_data(int fd)
{
	int waiting = 0;

	return ioctl(fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

int stream_set_nodelay(int fd)
{
	const int on = 1;

	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void stream_acknowledge(int fd)
{
	const int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

int stream_is_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_NONBLOCK) != 0;
}

uint64_t stream_cookie(int fd)
{
	uint64_t cookie = 0;
#ifdef SO_COOKIE
	socklen_t len = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) != 0)
		cookie = 0;
#else
	(void)fd;
#endif
	return cookie;
}

bool stream_local_address(int fd, struct address *ret_address)
{
	struct address address = {.len = sizeof(address.sa)};

	if (getsockname(fd, &address.sa.any, &address.len) != 0)
		return false;
	*ret_address = address;
	return true;
}

bool stream_source(const struct address *to, struct address *ret_source)
{
	/* A datagram socket is connected by looking up the route, and no more (udp(7)). */
	int fd = socket(address_family(to), SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool ok = connect(fd, &to->sa.any, to->len) == 0 && stream_local_address(fd, ret_source);

	close(fd);
	return ok;
}
