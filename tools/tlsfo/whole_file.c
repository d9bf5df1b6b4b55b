/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The standard descriptor that @path leads to, or -1. */
static int standard_descriptor(const char *path)
{
	struct stat named = {0};
	struct stat held = {0};

	if (stat(path, &named) < 0)
		return -1;
	for (int fd = STDERR_FILENO; fd >= STDOUT_FILENO; fd--) {
		if (fstat(fd, &held) == 0 && held.st_dev == named.st_dev &&
			held.st_ino == named.st_ino)
			return fd;
	}
	return -1;
}

/* A plain file under its own name, or nothing yet: only these may be replaced. */
static bool is_replaceable(const char *path, mode_t *ret_mode)
{
	struct stat status = {0};
	mode_t mask = 0;

	if (lstat(path, &status) == 0) {
		*ret_mode = status.st_mode & 07777;
		return S_ISREG(status.st_mode);
	}
	mask = umask(0);
	(void)umask(mask);
	*ret_mode = 0666 & ~mask;
	return errno == ENOENT;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t count = write(fd, text, len);

		if (count < 0 && errno == EAGAIN) {
			(void)poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
			continue;
		}
		if (count < 0 && errno != EINTR)
			return errno;
		if (count > 0) {
			text += count;
			len -= (size_t)count;
		}
	}
	return 0;
}

static int write_directly(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, 0666);
	int error = 0;

	if (fd < 0)
		return errno;
	error = write_all(fd, text, len);
	if (close(fd) < 0 && error == 0 && errno != EINTR)
		error = errno;
	return error;
}

static int replace(const char *path, mode_t mode, const char *text, size_t len)
{
	char beside[PATH_MAX] = "";
	int length = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
	int fd = -1;
	int error = 0;

	if (length < 0 || (size_t)length >= sizeof(beside))
		return ENAMETOOLONG;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return errno;
	error = write_all(fd, text, len);
	if (error == 0 && fchmod(fd, mode) < 0)
		error = errno;
	if (close(fd) < 0 && error == 0 && errno != EINTR)
		error = errno;
	if (error == 0 && rename(beside, path) < 0)
		error = errno;
	if (error != 0)
		(void)unlink(beside);
	return error;
}

/* Asks for permission to make a file beside @path. */
static int check_directory(const char *path)
{
	char directory[PATH_MAX] = "";
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;

	if (length >= sizeof(directory))
		return ENAMETOOLONG;
	memcpy(directory, path, length);
	return access(slash ? directory : ".", W_OK | X_OK) < 0 ? errno : 0;
}

int whole_file_check(const char *path)
{
	struct stat status = {0};
	mode_t mode = 0;

	if (standard_descriptor(path) >= 0)
		return 0;
	if (is_replaceable(path, &mode))
		return check_directory(path);
	if (stat(path, &status) < 0)
		return errno == ENOENT ? 0 : errno;
	if (S_ISDIR(status.st_mode))
		return EISDIR;
	return access(path, W_OK) < 0 ? errno : 0;
}

int whole_file_write(const char *path, const char *text, size_t len)
{
	int fd = standard_descriptor(path);
	mode_t mode = 0;

	if (fd >= 0)
		return write_all(fd, text, len);
	if (is_replaceable(path, &mode))
		return replace(path, mode, text, len);
	return write_directly(path, text, len);
}
