/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/fastopen.h"

#include <errno.h>

#include "net/stream.h"

bool fastopen_compiled(void)
{
	return false;
}

ssize_t fastopen_connect(int fd, const struct address *address, const struct iovec *iov,
	size_t iovcnt, bool nowait, enum fastopen_absence *ret_absence)
{
	*ret_absence = FASTOPEN_NOT_SUPPORTED;
	if (stream_connect(fd, address, nowait) != 0)
		return -1;
	return iovcnt == 0 ? 0 : stream_send(fd, iov, iovcnt, nowait);
}

int fastopen_disabled_here(void)
{
	return -1;
}

int fastopen_listen(int fd)
{
	(void)fd;
	errno = EOPNOTSUPP;
	return -1;
}
