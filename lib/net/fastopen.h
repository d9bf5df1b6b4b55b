/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_FASTOPEN_H
#define NET_FASTOPEN_H

/* The one primitive that puts data in a SYN. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "net/address.h"

/* Why no fast open was tried. */
enum fastopen_absence {
	FASTOPEN_TRIED = 0,
	FASTOPEN_DISABLED = 1,	   /* switched off on this system */
	FASTOPEN_NOT_SUPPORTED = 2 /* the kernel has none */
};

/*
 * Connects @fd to @address with @iov in the SYN where possible. Does not wait for the connection,
 * whatever mode the socket is in.
 *
 * Where fast open is disabled or missing it connects plainly and says so in @ret_absence, which is
 * always written; the data goes out only if that connect was complete at once. This connect waits on
 * a blocking socket, unless @nowait is true.
 *
 * Returns the bytes taken, or -1 and errno: EINPROGRESS (connecting, nothing queued) or the cause.
 */
ssize_t fastopen_connect(int fd, const struct address *address, const struct iovec *iov,
	size_t iovcnt, bool nowait, enum fastopen_absence *ret_absence);

/* Whether this system's settings forbid fast open to clients: 1, 0, or -1: not known. */
int fastopen_disabled_here(void);

/* Switches fast open on at a listener. 0, or -1 and errno. */
int fastopen_listen(int fd);

#endif
