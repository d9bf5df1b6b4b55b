/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/cancel.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The time between two looks where no descriptor is to be had. */
#define LOOK_MS 50

void cancel_init(struct cancel *cancel)
{
	atomic_init(&cancel->told, false);
	atomic_init(&cancel->fd, -1);
}

void cancel_deinit(struct cancel *cancel)
{
	int fd = atomic_exchange(&cancel->fd, -1);

	if (fd >= 0)
		close(fd);
}

static void wake(int fd)
{
	int error = errno;

	/* It fails when it is readable as it can be. */
	(void)eventfd_write(fd, 1);
	errno = error;
}

/* Both sides write their own and then read the other's, so that one of them sees both. */
void cancel_tell(struct cancel *cancel)
{
	atomic_store(&cancel->told, true);
	int fd = atomic_load(&cancel->fd);
	if (fd >= 0)
		wake(fd);
}

bool cancel_told(struct cancel *cancel)
{
	return atomic_load(&cancel->told);
}

int cancel_fd(struct cancel *cancel, int *timeout_ms)
{
	int fd = atomic_load(&cancel->fd);

	if (fd < 0) {
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		atomic_store(&cancel->fd, fd);
		if (fd >= 0 && cancel_told(cancel))
			wake(fd);
	}
	if (fd < 0 && (*timeout_ms < 0 || *timeout_ms > LOOK_MS))
		*timeout_ms = LOOK_MS;
	return fd;
}
