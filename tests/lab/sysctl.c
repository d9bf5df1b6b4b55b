/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 256 };

static int path_of(const char *name, char path[static NAME_MAX_LENGTH])
{
	int length = snprintf(path, NAME_MAX_LENGTH, "/proc/sys/%s", name);

	return length < NAME_MAX_LENGTH ? 0 : -ENAMETOOLONG;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;
	int result = 0;

	if (fd < 0)
		return -errno;

	written = write(fd, text, strlen(text));
	if (written < 0)
		result = -errno;
	else if ((size_t)written != strlen(text))
		result = -EIO;
	close(fd);
	return result;
}

int sysctl_write(const char *name, const char *value)
{
	char path[NAME_MAX_LENGTH];
	int result = path_of(name, path);

	return result < 0 ? result : file_write(path, value);
}

ssize_t sysctl_read(const char *name, char *ret_value, size_t size)
{
	char path[NAME_MAX_LENGTH];
	char value[512];
	ssize_t length = path_of(name, path);
	int fd;

	if (length < 0)
		return length;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	length = read(fd, value, sizeof(value));
	if (length < 0)
		length = -errno;
	close(fd);
	if (length < 0)
		return length;

	if (length > 0 && value[length - 1] == '\n')
		length--;
	if ((size_t)length >= size)
		return -ENOBUFS;

	memcpy(ret_value, value, (size_t)length);
	ret_value[length] = '\0';
	return length;
}

int sysctl_open(const char *name)
{
	char path[NAME_MAX_LENGTH];
	int result = path_of(name, path);
	int fd;

	if (result < 0)
		return result;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
