/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_STREAM_H
#define NET_STREAM_H

/* A TCP socket, before and after its first data. A function that fails returns -1 and sets errno. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/address.h"

/* Why no fast open was tried. */
enum fastopen_absence {
	FASTOPEN_TRIED = 0,
	FASTOPEN_DISABLED = 1,	   /* switched off on this system */
	FASTOPEN_NOT_SUPPORTED = 2 /* the kernel has none */
};

/* A TCP socket, close-on-exec. */
int stream_socket(int family, bool nonblocking);

/* bind(2); an IPv4 socket takes mapped and unspecified IPv6 addresses too. */
int stream_bind(int fd, const struct address *address);

/* connect(2), without waiting in any mode of the socket: EINPROGRESS. */
int stream_connect(int fd, const struct address *address);

/*
 * Connects with the first bytes of @iov in the SYN where possible. The function never waits, whatever mode the
 * socket is in. Where fast open is disabled or missing it connects plainly and says so in @ret_absence, which
 * is always written; then the bytes are sent only if the connection was made at once.
 *
 * Returns the bytes taken, or -1 and errno: EINPROGRESS (connecting, nothing queued) or the cause.
 */
ssize_t stream_fastopen(int fd, const struct address *address, const struct iovec *iov,
	size_t iovcnt, enum fastopen_absence *ret_absence);

/* 1: this system's settings forbid fast open to clients; 0; or -1: not known. */
int stream_fastopen_disabled(void);

/* What the program allows a blocking connect(2), for poll(2): SO_SNDTIMEO (socket(7)); -1 is no limit. */
int stream_connect_timeout_ms(int fd);

/* Waits for a connection that is being made on a blocking socket, whatever signals come. 0, or -1 and
 * its failure; EINPROGRESS when the socket's SO_SNDTIMEO is over, as connect(2) has it. */
int stream_await_connected(int fd);

/* Sends without raising SIGPIPE. EAGAIN also while the connection is being made. */
ssize_t stream_send(int fd, const struct iovec *iov, size_t iovcnt, bool nowait);

/* The error that the socket holds (SO_ERROR), which this takes off it, or 0. */
int stream_error(int fd);

/* Waits until @fd has one of @events or @timeout_ms (-1: no limit) have passed. Returns 1 or 0, or
 * -1 with EINTR: a signal came. */
int stream_poll(int fd, short events, int timeout_ms);

int stream_set_nodelay(int fd);

/* Sends the acknowledgement that the kernel delays, and delays none until data is sent again. */
void stream_acknowledge(int fd);

/* 1 when @fd does not block, 0 when it does. */
int stream_is_nonblocking(int fd);

/* The system's number for this socket, which is never used again. 0 when it has none. */
uint64_t stream_cookie(int fd);

/* The address the socket is bound to. False when there is none. */
bool stream_local_address(int fd, struct address *ret_address);

/* Makes @address the one that a socket is connected to, of no family when it is none of IP's. Nothing changes when the
 * socket is not connected. */
void stream_peer_address(int fd, struct address *address);

/* Which of this system's addresses a connection would come from, as the routes choose it. Nothing is sent. False:
 * there is no route. */
must_check bool stream_source(const struct address *to, struct address *ret_source);

#endif
