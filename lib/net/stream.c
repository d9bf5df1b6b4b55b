/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "base/clock.h"

/* This bit of the sysctl net.ipv4.tcp_fastopen allows fast open to clients. */
#define CLIENT_BIT 0x1

/* Connections with data in their SYN that may wait for the handshake to end, per listener. */
#define LISTEN_QUEUE 256

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

int stream_connect_timeout_ms(int fd)
{
	struct timeval limit = {0};
	socklen_t len = sizeof(limit);

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, &len) != 0 ||
		(limit.tv_sec == 0 && limit.tv_usec == 0))
		return -1;
	if (limit.tv_sec > INT_MAX / 1000 - 1)
		return INT_MAX;
	return (int)(limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000);
}

int stream_await_connected(int fd)
{
	int64_t deadline = deadline_in(clock_us(), stream_connect_timeout_ms(fd));
	int ready;

	do
		ready = stream_poll(fd, POLLOUT, deadline_poll(deadline, clock_us()));
	while (ready < 0 && errno == EINTR && !deadline_passed(deadline, clock_us()));
	int error = EINPROGRESS;
	if (ready > 0)
		error = stream_error(fd);
	else if (ready < 0 && errno != EINTR)
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

int stream_connect(int fd, const struct address *address)
{
	int flags = fcntl(fd, F_GETFL);
	bool blocking = flags >= 0 && (flags & O_NONBLOCK) == 0;

	/* connect(2) knows no MSG_DONTWAIT: a blocking socket is made non-blocking for the call. */
	if (flags < 0 || (blocking && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0))
		return -1;
	int ret = connect_once(fd, address);
	int saved = errno;
	if (blocking)
		fcntl(fd, F_SETFL, flags);
	errno = saved;
	return ret;
}

ssize_t stream_fastopen(int fd, const struct address *address, const struct iovec *iov,
	size_t iovcnt, enum fastopen_absence *ret_absence)
{
	/* The flight of a session is one buffer. Others are sent when the first was taken. */
	const struct iovec first = iovcnt > 0 ? iov[0] : (struct iovec){.iov_base = NULL};

	*ret_absence = FASTOPEN_TRIED;
	/*
	 * The call never waits, not even on a blocking socket: a signal would end it with EINTR, or
	 * restart it, and in both cases the bytes that the SYN has taken would be sent again. It is
	 * sendto(2) and not sendmsg(2), because libraries that lead the connections of a program
	 * through a proxy (torsocks, proxychains) replace connect(2) and sendto(2) only. With
	 * sendmsg(2) the connection would reach the server directly.
	 */
	ssize_t n = sendto(fd, first.iov_base, first.iov_len,
		MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT, &address->sa.any, address->len);
	/* A kernel that does not know MSG_FASTOPEN takes the call for a send without connection: EPIPE, ENOTCONN. */
	if (n >= 0 || (errno != EOPNOTSUPP && errno != EPIPE && errno != ENOTCONN))
		return n;
	*ret_absence = errno == EOPNOTSUPP ? FASTOPEN_DISABLED : FASTOPEN_NOT_SUPPORTED;
	if (stream_connect(fd, address) != 0)
		return -1;
	return iovcnt == 0 ? 0 : stream_send(fd, iov, iovcnt, true);
}

int stream_fastopen_disabled(void)
{
	char text[16] = "";
	int fd = open("/proc/sys/net/ipv4/tcp_fastopen", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? (strtol(text, NULL, 0) & CLIENT_BIT) == 0 : -1;
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

int stream_poll(int fd, short events, int timeout_ms)
{
	struct pollfd pfd = {.fd = fd, .events = events};

	return poll(&pfd, 1, timeout_ms);
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
	socklen_t len = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

bool stream_local_address(int fd, struct address *ret_address)
{
	struct address address = {.len = sizeof(address.sa)};

	if (getsockname(fd, &address.sa.any, &address.len) != 0)
		return false;
	*ret_address = address;
	return true;
}

void stream_peer_address(int fd, struct address *address)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 &&
		!address_from_sockaddr((struct sockaddr *)&peer, len, address))
		*address = (struct address){0};
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

/* ------------------------------------------------------------------------- tlsfo/socket.h -- */

/* On a system without IPv6 an IPv4 socket serves for mapped addresses. */
static int socket6(bool nonblocking)
{
	int fd = stream_socket(AF_INET6, nonblocking);

	return fd < 0 && errno == EAFNOSUPPORT ? stream_socket(AF_INET, nonblocking) : fd;
}

int tlsfo_socket_tcp4(void)
{
	return stream_socket(AF_INET, true);
}

int tlsfo_socket_tcp6(void)
{
	return socket6(true);
}

int tlsfo_socket_tcp4b(void)
{
	return stream_socket(AF_INET, false);
}

int tlsfo_socket_tcp6b(void)
{
	return socket6(false);
}

/* A program that gave NULL for an address is refused as the system refuses it. */
static bool is_given(const struct address *address)
{
	if (address->len == 0)
		errno = EFAULT;
	return address->len != 0;
}

static int bind_to(int fd, struct address address, bool reuse)
{
	const int on = 1;

	if (!is_given(&address))
		return -1;
	if (reuse && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -1;
	return stream_bind(fd, &address);
}

int tlsfo_socket_bind4(int fd, const char ip[4], uint16_t port)
{
	return bind_to(fd, address_ip4(ip, port), false);
}

int tlsfo_socket_bind4_reuse(int fd, const char ip[4], uint16_t port)
{
	return bind_to(fd, address_ip4(ip, port), true);
}

int tlsfo_socket_bind6(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	return bind_to(fd, address_ip6(ip, port, scope_id), false);
}

int tlsfo_socket_bind6_reuse(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	return bind_to(fd, address_ip6(ip, port, scope_id), true);
}

/* A blocking socket waits in connect(2), whatever signals come. */
static int connect_to(int fd, struct address address)
{
	if (!is_given(&address))
		return -1;
	if (connect_once(fd, &address) == 0)
		return 0;
	/* After a signal the connection goes on being made (connect(2)). */
	return errno == EINTR ? stream_await_connected(fd) : -1;
}

int tlsfo_socket_connect4(int fd, const char ip[4], uint16_t port)
{
	return connect_to(fd, address_ip4(ip, port));
}

int tlsfo_socket_connect6(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	return connect_to(fd, address_ip6(ip, port, scope_id));
}

/* On a blocking socket: waits for the connection, then sends what the SYN did not take. */
static ssize_t finish_blocking(int fd, const char *buf, size_t len, size_t taken)
{
	if (stream_await_connected(fd) != 0)
		return errno == EINPROGRESS && taken > 0 ? (ssize_t)taken : -1;
	while (taken < len) {
		ssize_t n = send(fd, buf + taken, len - taken, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return taken > 0 ? (ssize_t)taken : -1;
		taken += (size_t)n;
	}
	return (ssize_t)taken;
}

static ssize_t connect_with_data(int fd, struct address address, const char *buf, size_t len)
{
	const struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
	size_t count = len == 0 ? 0 : 1;
	enum fastopen_absence absence;
	struct address ip4;

	if (!is_given(&address))
		return -1;
	ssize_t n = stream_fastopen(fd, &address, &iov, count, &absence);
	/* On a system without IPv6 the socket is an IPv4 one. */
	if (n < 0 && errno == EAFNOSUPPORT && address_unmap(&address, &ip4))
		n = stream_fastopen(fd, &ip4, &iov, count, &absence);
	if ((n < 0 && errno != EINPROGRESS) || stream_is_nonblocking(fd))
		return n;
	return finish_blocking(fd, buf, len, n > 0 ? (size_t)n : 0);
}

ssize_t tlsfo_socket_fastopen_connect4(
	int fd, const char ip[4], uint16_t port, const char *buf, size_t len)
{
	return connect_with_data(fd, address_ip4(ip, port), buf, len);
}

ssize_t tlsfo_socket_fastopen_connect6(
	int fd, const char ip[16], uint16_t port, uint32_t scope_id, const char *buf, size_t len)
{
	return connect_with_data(fd, address_ip6(ip, port, scope_id), buf, len);
}

int tlsfo_socket_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int error = stream_error(fd);
	int ready;

	if (error != 0) {
		errno = error;
		return 0;
	}
	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
		return 1;
	if (errno != ENOTCONN)
		return 0;
	/* A socket that is connecting has no peer yet and is not writable. One that never tried to
	 * connect is writable. */
	do
		ready = stream_poll(fd, POLLOUT, 0);
	while (ready < 0 && errno == EINTR);
	errno = ready != 0 ? ENOTCONN : EINPROGRESS;
	return 0;
}

int tlsfo_socket_fastopen(int fd)
{
	const int queue = LISTEN_QUEUE;

	return setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
}
