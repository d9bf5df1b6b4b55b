/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opening the master of a pseudo-terminal again would make a new terminal. */
static bool is_master(int fd)
{
	unsigned int number = 0;

	return ioctl(fd, TIOCGPTN, &number) == 0;
}

/*
 * The magic links of /proc/self/fd lead to the pipe or terminal itself, whatever its name is now,
 * and opening one makes a new description with flags of its own.
 */
static bool open_again(int fd)
{
	char path[32] = "";
	int mode = fcntl(fd, F_GETFL);
	int own = -1;
	bool done = false;

	if (mode < 0)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* With another access mode a FIFO could lose its last reader or writer. */
	own = open(path, (mode & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return false;
	done = dup2(own, fd) == fd;
	(void)close(own);
	return done;
}

struct stream stream_of(int fd)
{
	struct stream stream = {fd, STREAM_PLAIN};
	struct stat status = {0};

	if (fstat(fd, &status) < 0)
		return stream;
	if (S_ISSOCK(status.st_mode))
		stream.way = STREAM_SOCKET;
	else if (S_ISFIFO(status.st_mode) || isatty(fd))
		stream.way = !is_master(fd) && open_again(fd) ? STREAM_OWN : STREAM_SHARED;
	return stream;
}

static ssize_t result_of(ssize_t moved)
{
	if (moved >= 0)
		return moved;
	/* After a signal the caller looks at its clock, and comes back. */
	return errno == EWOULDBLOCK || errno == EINTR ? -EAGAIN : -errno;
}

ssize_t stream_read(const struct stream *stream, void *buf, size_t len)
{
	if (stream->way == STREAM_SOCKET)
		return result_of(recv(stream->fd, buf, len, MSG_DONTWAIT));
	return result_of(read(stream->fd, buf, len));
}

ssize_t stream_write(const struct stream *stream, const void *buf, size_t len)
{
	/* A pipe that polls writable has one free page at least. */
	if (stream->way == STREAM_SHARED && len > PIPE_BUF)
		len = PIPE_BUF;
	if (stream->way == STREAM_SOCKET)
		return result_of(send(stream->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL));
	return result_of(write(stream->fd, buf, len));
}
