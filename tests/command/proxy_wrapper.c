/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library for LD_PRELOAD that leads all connections of a program elsewhere. It replaces the calls that
 * torsocks and proxychains replace, connect(2) and sendto(2) with MSG_FASTOPEN, in their way: the call
 * returns when the connection to the proxy is made. Where the proxy would be is the server itself, on the
 * port of 127.0.0.1 that PROXY_PORT in the environment names.
 */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	const char *port = getenv("PROXY_PORT");
	const struct sockaddr_in proxy = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)(port != NULL ? strtoul(port, NULL, 10) : 0)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};

	if (address->sa_family != AF_INET)
		return (int)syscall(SYS_connect, fd, address, len);
	if (syscall(SYS_connect, fd, &proxy, sizeof(proxy)) == 0)
		return 0;
	return errno == EINPROGRESS && poll(&pfd, 1, -1) == 1 ? 0 : -1;
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *address,
	socklen_t address_len)
{
	if ((flags & MSG_FASTOPEN) == 0)
		return syscall(SYS_sendto, fd, data, len, flags, address, address_len);
	if (connect(fd, address, address_len) != 0)
		return -1;
	return syscall(SYS_sendto, fd, data, len, flags & ~MSG_FASTOPEN, NULL, 0);
}
