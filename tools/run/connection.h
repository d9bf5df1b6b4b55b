/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_CONNECTION_H
#define RUN_CONNECTION_H

/*
 * The connections of a foreign program, by their descriptors. The kernel defers connect(2) (TCP_FASTOPEN_CONNECT): the
 * call returns 0 where a cookie is known, and the SYN leaves with the first write. What the program must not do
 * with such a socket before is done for it here.
 *
 * Any thread and any signal handler may call any of these: the state of a connection is one atomic number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* Reads the environment. Without it, and in a program with the rights of another user, nothing is deferred. */
void connections_init(void);

/* Nothing that is left open was told of yet; a forked child tells nothing of its parent's. */
void connections_end(void);
void connections_before_fork(void);
void connections_forked(void);

/* connect(2). */
int connection_connect(int fd, const struct sockaddr *address, socklen_t length);

/* True while no SYN has left. */
bool connection_deferred(int fd);

/* The highest descriptor that may be deferred, plus 1; 0: none is. */
int connections_deferred(void);

/* Sends the SYN of a deferred connection without data; of others nothing. @why stands in the report. */
void connection_send_syn(int fd, const char *why);

/* sendmsg(2), the first of a deferred connection. */
ssize_t connection_write_first(int fd, const struct msghdr *message, int flags);

/* A write is about to follow the first, or a read has returned @result and errno. Both leave errno. */
void connection_writes(int fd);
void connection_has_read(int fd, ssize_t result);

/* The address that the program gave connect(2), while the kernel says ENOTCONN. */
bool connection_peer(int fd, struct sockaddr *ret_address, socklen_t *length);

/* The descriptor is about to be closed. */
void connection_end(int fd);

#endif
