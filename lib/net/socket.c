/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <tlsfo/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "net/address.h"
#include "net/fastopen.h"
#include "net/stream.h"

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

/* NULL is refused as the system refuses it. */
static bool take4(const char ip[4], uint16_t port, struct address *ret_address)
{
	if (ip != NULL)
		*ret_address = address_ip4(ip, port);
	else
		errno = EFAULT;
	return ip != NULL;
}

static bool take6(const char ip[16], uint16_t port, uint32_t scope_id, struct address *ret_address)
{
	if (ip != NULL)
		*ret_address = address_ip6(ip, port, scope_id);
	else
		errno = EFAULT;
	return ip != NULL;
}

static int bind_reuse(int fd, const struct address *address)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -1;
	return stream_bind(fd, address);
}

int tlsfo_socket_bind4(int fd, const char ip[4], uint16_t port)
{
	struct address address;

	return take4(ip, port, &address) ? stream_bind(fd, &address) : -1;
}

int tlsfo_socket_bind4_reuse(int fd, const char ip[4], uint16_t port)
{
	struct address address;

	return take4(ip, port, &address) ? bind_reuse(fd, &address) : -1;
}

int tlsfo_socket_bind6(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	struct address address;

	return take6(ip, port, scope_id, &address) ? stream_bind(fd, &address) : -1;
}

int tlsfo_socket_bind6_reuse(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	struct address address;

	return take6(ip, port, scope_id, &address) ? bind_reuse(fd, &address) : -1;
}

int tlsfo_socket_connect4(int fd, const char ip[4], uint16_t port)
{
	struct address address;

	return take4(ip, port, &address) ? stream_connect(fd, &address, false) : -1;
}

int tlsfo_socket_connect6(int fd, const char ip[16], uint16_t port, uint32_t scope_id)
{
	struct address address;

	return take6(ip, port, scope_id, &address) ? stream_connect(fd, &address, false) : -1;
}

/* On a blocking socket: waits for the connection, then sends what the SYN did not take. */
static ssize_t finish_blocking(int fd, const char *buf, size_t len, size_t taken)
{
	if (stream_await_connected(fd) != 0)
		return errno == EINPROGRESS && taken > 0 ? (ssize_t)taken : -1;
	while (taken < len) {
		struct iovec rest = {
			.iov_base = (void *)(uintptr_t)(buf + taken),
			.iov_len = len - taken,
		};
		ssize_t n = stream_send(fd, &rest, 1, false);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return taken > 0 ? (ssize_t)taken : -1;
		taken += (size_t)n;
	}
	return (ssize_t)taken;
}

static ssize_t connect_with_data(int fd, const struct address *address, const char *buf, size_t len)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
	enum fastopen_absence absence;
	struct address ip4;
	ssize_t n = fastopen_connect(fd, address, &iov, len == 0 ? 0 : 1, false, &absence);

	/* On a system without IPv6 the socket is an IPv4 one. */
	if (n < 0 && errno == EAFNOSUPPORT && address_unmap(address, &ip4))
		n = fastopen_connect(fd, &ip4, &iov, len == 0 ? 0 : 1, false, &absence);
	if ((n < 0 && errno != EINPROGRESS) || stream_is_nonblocking(fd))
		return n;
	return finish_blocking(fd, buf, len, n > 0 ? (size_t)n : 0);
}

ssize_t tlsfo_socket_fastopen_connect4(
	int fd, const char ip[4], uint16_t port, const char *buf, size_t len)
{
	struct address address;

	return take4(ip, port, &address) ? connect_with_data(fd, &address, buf, len) : -1;
}

ssize_t tlsfo_socket_fastopen_connect6(
	int fd, const char ip[16], uint16_t port, uint32_t scope_id, const char *buf, size_t len)
{
	struct address address;

	return take6(ip, port, scope_id, &address) ? connect_with_data(fd, &address, buf, len) : -1;
}

static bool is_writable(int fd)
{
	int ready;

	do
		ready = stream_poll(fd, POLLOUT, 0);
	while (ready < 0 && errno == EINTR);
	return ready != 0;
}

int tlsfo_socket_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int error = 0;
	socklen_t error_len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
		return 0;
	if (error != 0) {
		errno = error;
		return 0;
	}
	if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0)
		return 1;
	/* A socket that is connecting has no peer yet and is not writable. One that never tried to
	 * connect is writable. */
	if (errno == ENOTCONN)
		errno = is_writable(fd) ? ENOTCONN : EINPROGRESS;
	return 0;
}

int tlsfo_socket_fastopen(int fd)
{
	return fastopen_listen(fd);
}
