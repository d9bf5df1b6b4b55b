/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Stands in for the system calls that can wait. Inside what advances a call that would wait ends
 * the test; everywhere else it is passed on.
 */

#include "never_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/suite.h"

static _Thread_local bool inside;
static unsigned int seen;

static bool may_block(int fd)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);

	/* A datagram's socket asks nobody when it connects. */
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type != SOCK_STREAM)
		return false;
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

/* From a callback deep inside: not by an assertion, which would leave the library half done. */
static void judge(bool waits, const char *call)
{
	if (!inside)
		return;
	seen++;
	if (waits)
		suite_abort("advancing waits in %s", call);
}

int never_wait_advance(struct tlsfo_conn *conn)
{
	inside = true;
	int ret = tlsfo_conn_advance(conn);
	inside = false;
	return ret;
}

int never_wait_advance_opening(struct tlsfo_opening *opening, int *ret_fd)
{
	inside = true;
	int ret = tlsfo_opening_advance(opening, ret_fd);
	inside = false;
	return ret;
}

unsigned int never_wait_seen(void)
{
	return seen;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000L};

	judge(timeout != 0, "poll");
	return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &limit, NULL, 8);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
	judge(timeout != 0, "epoll_wait");
	return (int)syscall(SYS_epoll_pwait, fd, events, count, timeout, NULL, 8);
}

int select(int count, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout)
{
	const struct timespec limit = {
		timeout != NULL ? timeout->tv_sec : 0,
		timeout != NULL ? timeout->tv_usec * 1000 : 0,
	};

	judge(timeout == NULL || timeout->tv_sec != 0 || timeout->tv_usec != 0, "select");
	return (int)syscall(
		SYS_pselect6, count, in, out, except, timeout != NULL ? &limit : NULL, NULL);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	judge(true, "nanosleep");
	return (int)syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, time, left);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	judge(may_block(fd), "connect");
	return (int)syscall(SYS_connect, fd, address, len);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	judge(may_block(fd) && (flags & MSG_DONTWAIT) == 0, "sendmsg");
	return (ssize_t)syscall(SYS_sendmsg, fd, message, flags);
}

ssize_t sendto(int fd, const void *data, size_t len, int flags, const struct sockaddr *address,
	socklen_t address_len)
{
	judge(may_block(fd) && (flags & MSG_DONTWAIT) == 0, "sendto");
	return (ssize_t)syscall(SYS_sendto, fd, data, len, flags, address, address_len);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	judge(may_block(fd) && (flags & MSG_DONTWAIT) == 0, "recv");
	return (ssize_t)syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}
