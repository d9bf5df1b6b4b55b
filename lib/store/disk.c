/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Signals in a row that may interrupt a call before it counts as failed: nothing here is worth a call that never ends. */
#define SIGNALS_MOST 100

void disk_close(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
}

static int open_directory(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int disk_directory(int at, const char *name)
{
	int fd = open_directory(at, name);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	/* The umask may have taken what the owner needs; where that cannot be given back, opening fails. */
	if (mkdirat(at, name, 0700) == 0)
		fchmodat(at, name, 0700, AT_SYMLINK_NOFOLLOW);
	/* Another process may be quicker. */
	else if (errno != EEXIST)
		return -1;
	return open_directory(at, name);
}

int disk_open(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

ssize_t disk_read(int fd, void *ret_data, size_t size)
{
	unsigned char *data = ret_data;
	size_t len = 0;
	unsigned int signals = 0;

	while (len < size) {
		ssize_t n = read(fd, data + len, size - len);

		if (n < 0 && errno == EINTR && signals++ < SIGNALS_MOST)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
		signals = 0;
	}
	return (ssize_t)len;
}

bool disk_write(int at, const char *name, const void *data, size_t len)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	size_t written = 0;
	unsigned int signals = 0;

	if (fd < 0)
		return false;
	/* Whatever the umask; FAT has no modes to be set. */
	fchmod(fd, 0600);
	while (written < len) {
		ssize_t n = write(fd, (const unsigned char *)data + written, len - written);

		if (n < 0 && (errno != EINTR || signals++ >= SIGNALS_MOST))
			break;
		if (n < 0)
			continue;
		written += (size_t)n;
		signals = 0;
	}
	int error = written < len ? errno : 0;

	/* Over a network close() is where a full disk is told. */
	if (close(fd) == 0 && error == 0)
		return true;
	error = error != 0 ? error : errno;
	unlinkat(at, name, 0);
	errno = error;
	return false;
}

const char *disk_fault(const struct stat *found, mode_t type, mode_t forbidden)
{
	if (S_ISLNK(found->st_mode))
		return "is a symbolic link";
	if ((found->st_mode & S_IFMT) != type)
		return type == S_IFDIR ? "is not a directory" : "is not a file";
	if (found->st_uid != geteuid())
		return "belongs to another user";
	if ((found->st_mode & forbidden & (S_IWGRP | S_IWOTH)) != 0)
		return "may be written by others";
	return (found->st_mode & forbidden) != 0 ? "may be read by others" : NULL;
}
