/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STREAM_H
#define TLSFO_COMMAND_STREAM_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Standard input and output without blocking, and without O_NONBLOCK on a description that other
 * processes share: they would be surprised by EAGAIN, even after this process is gone.
 */
enum stream_way {
	/* Files and devices: they do not block for long. */
	STREAM_PLAIN,
	/* Sockets: MSG_DONTWAIT says it with every call. */
	STREAM_SOCKET,
	/* Pipes and terminals, opened once more by this process alone, with O_NONBLOCK. */
	STREAM_OWN,
	/* Pipes and terminals that could not be opened again (no /proc, another user's): after
	 * poll(2) said so, a read does not block, nor does a write of PIPE_BUF bytes to a pipe. */
	STREAM_SHARED
};

struct stream {
	int fd;
	enum stream_way way;
};

/* Finds the way for an open descriptor; STREAM_OWN replaces what is behind its number. */
struct stream stream_of(int fd);

/*
 * To be called when poll(2) reported the descriptor. They return the number of bytes moved, which
 * may be less than asked for; a read returns 0 at the end of input; or a negative errno, with
 * -EAGAIN when there is nothing to be done now.
 */
ssize_t stream_read(const struct stream *stream, void *buf, size_t len);
ssize_t stream_write(const struct stream *stream, const void *buf, size_t len);

#endif
