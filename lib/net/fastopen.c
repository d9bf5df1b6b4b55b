/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/fastopen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"

/* This bit of the sysctl net.ipv4.tcp_fastopen allows fast open to clients. */
#define CLIENT_BIT 0x1

/* Connections with data in their SYN that may wait for the handshake to end, per listener. */
#define LISTEN_QUEUE 256

/* Without fast open: connects first, and sends if the connection was made at once. */
static ssize_t connect_then_send(
	int fd, const struct address *address, const struct iovec *iov, size_t iovcnt, bool nowait)
{
	if (stream_connect(fd, address, nowait) != 0)
		return -1;
	return iovcnt == 0 ? 0 : stream_send(fd, iov, iovcnt, nowait);
}

ssize_t fastopen_connect(int fd, const struct address *address, const struct iovec *iov,
	size_t iovcnt, bool nowait, enum fastopen_absence *ret_absence)
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
	if (n >= 0)
		return n;
	switch (errno) {
	case EOPNOTSUPP:
		*ret_absence = FASTOPEN_DISABLED;
		return connect_then_send(fd, address, iov, iovcnt, nowait);
	case EPIPE:
	case ENOTCONN:
		/* A kernel that does not know the flag takes this for a send without connection. */
		*ret_absence = FASTOPEN_NOT_SUPPORTED;
		return connect_then_send(fd, address, iov, iovcnt, nowait);
	default:
		return -1;
	}
}

int fastopen_disabled_here(void)
{
	char text[16] = "";
	int fd = open("/proc/sys/net/ipv4/tcp_fastopen", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? (strtol(text, NULL, 0) & CLIENT_BIT) == 0 : -1;
}

int fastopen_listen(int fd)
{
	const int queue = LISTEN_QUEUE;

	return setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
}
