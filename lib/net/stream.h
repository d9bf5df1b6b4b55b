/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_STREAM_H
#define NET_STREAM_H

/* What a TCP socket does before and after its first data. All return -1 and errno on failure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "net/address.h"

/* A TCP socket, close-on-exec. */
int stream_socket(int family, bool nonblocking);

/* bind(2); an IPv4 socket takes mapped and unspecified IPv6 addresses too. */
int stream_bind(int fd, const struct address *address);

/* connect(2), started or restarted after signals: a signal never ends a blocking connect. With
 * @nowait it does not wait on a blocking socket either: EINPROGRESS. */
int stream_connect(int fd, const struct address *address, bool nowait);

/* Waits for a connection that is being made on a blocking socket, whatever signals come. 0, or -1 and
 * its failure; EINPROGRESS when the socket's SO_SNDTIMEO is over, as connect(2) has it. */
int stream_await_connected(int fd);

/* Sends without raising SIGPIPE. EAGAIN also while the connection is being made. */
ssize_t stream_send(int fd, const struct iovec *iov, size_t iovcnt, bool nowait);

/* The error that the socket holds (SO_ERROR), which this takes off it, or 0. */
int stream_error(int fd);

ssize_t stream_receive(int fd, void *buf, size_t len);

/* Waits until @fd has one of @events or @timeout_ms (-1: no limit) have passed. Returns 1 or 0, or
 * -1 with EINTR: a signal came. */
int stream_poll(int fd, short events, int timeout_ms);

/* True when there are bytes to read. */
bool stream_has_data(int fd);

int stream_set_nodelay(int fd);

/* Sends the acknowledgement that the kernel delays, and delays none until data is sent again. */
void stream_acknowledge(int fd);

/* 1 when @fd does not block, 0 when it does. */
int stream_is_nonblocking(int fd);

/* The system's number for this socket, which is never used again. 0 when it has none. */
uint64_t stream_cookie(int fd);

/* The address the socket is bound to. False when there is none. */
bool stream_local_address(int fd, struct address *ret_address);

/* Which of this system's addresses a connection would come from, as the routes choose it. Nothing is sent. False:
 * there is no route. */
must_check bool stream_source(const struct address *to, struct address *ret_source);

#endif
