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

#include <tlsfo/client.h>

/* How long a full pipe may take nothing. */
#define PATIENCE_MS 1000

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
static bool is_replaceable(const char *path, struct stat *ret_status)
{
	if (lstat(path, ret_status) < 0)
		return errno == ENOENT;
	return S_ISREG(ret_status->st_mode);
}

static const char *write_all(int fd, const char *text, size_t len)
{
	int64_t patient_until = tlsfo_deadline_in(PATIENCE_MS);

	while (len > 0) {
		/* A standard descriptor may be one that blocks: a pipe that is ready takes PIPE_BUF bytes at once. */
		int ready = poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, PATIENCE_MS);
		ssize_t count = ready > 0 ? write(fd, text, len < PIPE_BUF ? len : PIPE_BUF) : 0;

		if (count > 0) {
			text += count;
			len -= (size_t)count;
			patient_until = tlsfo_deadline_in(PATIENCE_MS);
		} else if (count < 0 && errno != EAGAIN && errno != EINTR) {
			return strerror(errno);
		} else if (tlsfo_now() >= patient_until) {
			return "it is full and nobody reads from it";
		}
	}
	return NULL;
}

static const char *write_and_close(int fd, const char *text, size_t len)
{
	const char *fault = write_all(fd, text, len);

	if (close(fd) < 0 && !fault && errno != EINTR)
		fault = strerror(errno);
	return fault;
}

/*
 * In a directory that users share, anybody can make a link that leads to a file of whoever follows it. Such a
 * link is not followed; in a directory with the sticky bit nobody else can put one there between this look and
 * opening. (The kernel does the same where fs.protected_symlinks is set.)
 */
static const char *link_fault(const struct stat *status)
{
	if (!S_ISLNK(status->st_mode) || status->st_uid == 0 || status->st_uid == geteuid())
		return NULL;
	return "it is a symbolic link of another user, which is not followed";
}

/*
 * What is written to may be another user's all the same: his pipe, which he reads, or his file, to which a link of
 * our own leads, be it by a link of his.
 */
static const char *owner_fault(const struct stat *status)
{
	if (status->st_uid == 0 || status->st_uid == geteuid())
		return NULL;
	if (S_ISFIFO(status->st_mode))
		return "it is a pipe of another user, who would read the report";
	return S_ISREG(status->st_mode) ? "it leads to a file of another user" : NULL;
}

static const char *write_directly(
	const char *path, const struct stat *status, const char *text, size_t len)
{
	int flags = S_ISLNK(status->st_mode) ? O_CREAT : O_NOFOLLOW;
	const char *fault = link_fault(status);
	struct stat opened = {0};
	int fd = -1;

	if (fault)
		return fault;
	/* A pipe without a reader would be waited for. */
	fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags, 0666);
	if (fd < 0)
		return errno == ENXIO ? "nobody has it open for reading" : strerror(errno);
	fault = fstat(fd, &opened) < 0 ? strerror(errno) : owner_fault(&opened);
	/* Only files have a length: EINVAL is a pipe or a device. */
	if (!fault && ftruncate(fd, 0) < 0 && errno != EINVAL)
		fault = strerror(errno);
	if (fault) {
		(void)close(fd);
		return fault;
	}
	return write_and_close(fd, text, len);
}

static const char *replace(const char *path, const char *text, size_t len)
{
	char beside[PATH_MAX] = "";
	int length = snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
	const char *fault = NULL;
	mode_t mask = 0;
	int fd = -1;

	if (length < 0 || (size_t)length >= sizeof(beside))
		return strerror(ENAMETOOLONG);
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return strerror(errno);
	mask = umask(0);
	(void)umask(mask);
	if (fchmod(fd, 0666 & ~mask) < 0)
		fault = strerror(errno);
	if (fault)
		(void)close(fd);
	else
		fault = write_and_close(fd, text, len);
	if (!fault && rename(beside, path) < 0)
		fault = strerror(errno);
	if (fault)
		(void)unlink(beside);
	return fault;
}

/* Asks for permission to make a file beside @path. */
static const char *check_directory(const char *path)
{
	char directory[PATH_MAX] = "";
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;

	if (length >= sizeof(directory))
		return strerror(ENAMETOOLONG);
	memcpy(directory, path, length);
	return access(slash ? directory : ".", W_OK | X_OK) < 0 ? strerror(errno) : NULL;
}

const char *whole_file_check(const char *path)
{
	struct stat own = {0};
	struct stat target = {0};

	if (standard_descriptor(path) >= 0)
		return NULL;
	if (is_replaceable(path, &own))
		return check_directory(path);
	if (link_fault(&own))
		return link_fault(&own);
	if (stat(path, &target) < 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISDIR(target.st_mode))
		return strerror(EISDIR);
	if (owner_fault(&target))
		return owner_fault(&target);
	return access(path, W_OK) < 0 ? strerror(errno) : NULL;
}

const char *whole_file_write(const char *path, const char *text, size_t len)
{
	int fd = standard_descriptor(path);
	struct stat own = {0};

	if (fd >= 0)
		return write_all(fd, text, len);
	if (is_replaceable(path, &own))
		return replace(path, text, len);
	return write_directly(path, &own, text, len);
}
