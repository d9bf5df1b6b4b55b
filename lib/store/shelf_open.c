/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>

#include <tlsfo/error.h>

#include "base/wipe.h"
#include "store/disk.h"

#define LAYOUT	      1
#define LAYOUT_PREFIX "tlsfo-"
#define BELOW_LAYOUT  "/tlsfo-1"
#define BELOW_KEY     BELOW_LAYOUT "/key"
#define BELOW_TICKETS BELOW_LAYOUT "/tickets"
#define BELOW_PATHS   BELOW_LAYOUT "/paths"
#define KEY_BESIDE    "key.new"

#define FOR_OTHERS   (S_IRWXG | S_IRWXO)
#define FOR_WRITING  (S_IWGRP | S_IWOTH)
#define KEY_ATTEMPTS 100

/* What opening needs to know of itself. */
struct opening {
	const char *path;
	struct text *why;
};

static int fail_system(const struct opening *opening, const char *below, const char *call)
{
	text_add(opening->why, "%s%s: %s: %s", opening->path, below, call, strerror(errno));
	return TLSFO_E_SYSTEM;
}

/*
 * Checks what was opened, or could not be: @fd is -1 then, and errno says why. That may be because @name at @at is
 * not what it should be, which open(2) does not say. Returns 0, or a code after having closed @fd.
 */
static int check(const struct opening *opening, int fd, int at, const char *name, const char *below,
	mode_t type, mode_t forbidden)
{
	struct stat found;
	int error = errno;
	int told = fd >= 0 ? fstat(fd, &found) : fstatat(at, name, &found, AT_SYMLINK_NOFOLLOW);
	const char *fault = told == 0 ? disk_fault(&found, type, fd >= 0 ? forbidden : 0) : NULL;

	if (fd >= 0 && told == 0 && fault == NULL)
		return 0;
	if (fd >= 0)
		close(fd);
	else
		errno = error;
	if (fault == NULL)
		return fail_system(opening, below, "open");
	text_add(opening->why, "%s%s: %s (user %u, mode %04o)", opening->path, below, fault,
		(unsigned int)found.st_uid, (unsigned int)found.st_mode & 07777);
	return TLSFO_E_STORE_UNSAFE;
}

/* Opens the directory at the end of @below, after making it when it is missing. */
static int open_private(const struct opening *opening, int at, const char *below, int *ret_fd)
{
	const char *name = strrchr(below, '/') + 1;
	int fd = disk_directory(at, name);
	int ret = check(opening, fd, at, name, below, S_IFDIR, FOR_OTHERS);

	if (ret == 0)
		*ret_fd = fd;
	return ret;
}

/* Makes the directories above the last name of @path. A failure here comes again when that is opened. */
static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int fd = disk_directory(AT_FDCWD, path);

		if (fd >= 0)
			close(fd);
		*slash = '/';
	}
}

/* The directory as the caller named it. Others may read it, but nothing in it. */
static int open_path(const struct opening *opening, int *ret_fd)
{
	char path[PATH_MAX];
	size_t len = strlen(opening->path);

	memcpy(path, opening->path, len + 1);
	/* With a slash or a slash and a dot at its end a symbolic link would be followed. */
	while (len > 1 && (path[len - 1] == '/' || (path[len - 1] == '.' && path[len - 2] == '/')))
		path[--len] = '\0';

	int fd = disk_directory(AT_FDCWD, path);

	if (fd < 0 && errno == ENOENT) {
		make_parents(path);
		fd = disk_directory(AT_FDCWD, path);
	}
	int ret = check(opening, fd, AT_FDCWD, path, "", S_IFDIR, FOR_WRITING);

	if (ret == 0)
		*ret_fd = fd;
	return ret;
}

/* Is @name a directory of a layout that only later versions know? */
static bool is_later(const char *name)
{
	size_t prefix = strlen(LAYOUT_PREFIX);
	char *end;

	if (strncmp(name, LAYOUT_PREFIX, prefix) != 0 || name[prefix] < '1' || name[prefix] > '9')
		return false;
	return strtoul(name + prefix, &end, 10) > LAYOUT && *end == '\0';
}

/* The version is in a name and not in a file: a name is never torn. */
static int check_version(const struct opening *opening, int at)
{
	int fd = disk_directory(at, ".");
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int ret = 0;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return fail_system(opening, "", "opendir");
	}
	while (ret == 0 && (entry = readdir(stream)) != NULL) {
		if (!is_later(entry->d_name))
			continue;
		text_add(opening->why, "%s/%s: a newer version of tlsfo made it", opening->path,
			entry->d_name);
		ret = TLSFO_E_STORE_VERSION;
	}
	closedir(stream);
	return ret;
}

/*
 * Sets @ret_found when there was a key. An empty file holds none: a power cut leaves one of a file that was just
 * made, and nothing sealed can have outlived that.
 */
static int read_key(const struct opening *opening, int layout, unsigned char *key, bool *ret_found)
{
	unsigned char data[SEAL_KEY_SIZE + 1];
	int fd = disk_open(layout, "key");

	*ret_found = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	int ret = check(opening, fd, layout, "key", BELOW_KEY, S_IFREG, FOR_OTHERS);

	if (ret != 0)
		return ret;
	ssize_t len = disk_read(fd, data, sizeof(data));

	if (len < 0) {
		ret = fail_system(opening, BELOW_KEY, "read");
	} else if (len == SEAL_KEY_SIZE) {
		memcpy(key, data, SEAL_KEY_SIZE);
		*ret_found = true;
	} else if (len != 0) {
		text_add(opening->why, "%s" BELOW_KEY ": is damaged", opening->path);
		ret = TLSFO_E_INVALID_FILE;
	}
	close(fd);
	wipe(data, sizeof(data));
	return ret;
}

/*
 * Writes a key beside and gives it its own name, unless there is one meanwhile. A link is made by one process
 * only, even where files cannot be locked. Android, FAT and some network file systems have no hard links;
 * there the lock that the caller holds keeps rename(2) from replacing another's key.
 */
static int make_key(const struct opening *opening, int layout)
{
	unsigned char key[SEAL_KEY_SIZE];
	struct stat found;

	if (fstatat(layout, "key", &found, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(found.st_mode) || found.st_size > 0)
			return 0;
		unlinkat(layout, "key", 0);
	}
	if (getentropy(key, sizeof(key)) != 0)
		return fail_system(opening, BELOW_KEY, "getentropy");
	/* A process that was killed may have left one. */
	unlinkat(layout, KEY_BESIDE, 0);
	bool written = disk_write(layout, KEY_BESIDE, key, sizeof(key));

	wipe(key, sizeof(key));
	if (!written)
		return errno == EEXIST ? 0 : fail_system(opening, BELOW_KEY, "write");
	bool placed = linkat(layout, KEY_BESIDE, layout, "key", 0) == 0 || errno == EEXIST ||
		      errno == ENOENT || renameat(layout, KEY_BESIDE, layout, "key") == 0;
	int ret = placed ? 0 : fail_system(opening, BELOW_KEY, "rename");

	unlinkat(layout, KEY_BESIDE, 0);
	return ret;
}

/*
 * Reads the key, or makes one. One opener at a time makes it, so that none removes or replaces what another has
 * made; the others wait, and read again. Where files cannot be locked, it goes without.
 */
static int get_key(const struct opening *opening, int layout, unsigned char *key)
{
	for (int i = 0; i < KEY_ATTEMPTS; i++) {
		bool found;
		int ret = read_key(opening, layout, key, &found);

		if (ret != 0 || found)
			return ret;
		bool locked = flock(layout, LOCK_EX | LOCK_NB) == 0;

		if (locked || errno != EWOULDBLOCK)
			ret = make_key(opening, layout);
		else
			poll(NULL, 0, 1);
		if (locked)
			flock(layout, LOCK_UN);
		if (ret != 0)
			return ret;
	}
	errno = EAGAIN;
	return fail_system(opening, BELOW_KEY, "open");
}

static int open_layout(const struct opening *opening, int layout, const unsigned char *key,
	struct directory *directory)
{
	char below[] = BELOW_TICKETS "/0";
	int ret = open_private(opening, layout, BELOW_TICKETS, &directory->tickets);

	for (unsigned int i = 0; ret == 0 && i < ENTRY_SHARDS; i++) {
		int fd = -1;

		below[sizeof(below) - 2] = "0123456789abcdef"[i];
		ret = open_private(opening, directory->tickets, below, &fd);
		if (ret == 0)
			close(fd);
	}
	if (ret == 0)
		ret = open_private(opening, layout, BELOW_PATHS, &directory->paths);
	if (ret == 0 && key != NULL)
		memcpy(directory->key, key, SEAL_KEY_SIZE);
	else if (ret == 0)
		ret = get_key(opening, layout, directory->key);
	return ret;
}

int shelf_directory_open(
	const char *path, const unsigned char *key, struct text *why, struct shelf **ret_shelf)
{
	const struct opening opening = {.path = path, .why = why};
	struct directory *directory = calloc(1, sizeof(*directory));
	int top = -1;
	int layout = -1;

	if (directory == NULL)
		return STORE_E_MEMORY;
	directory->tickets = -1;
	directory->paths = -1;
	directory->key = wipe_map(SEAL_KEY_SIZE);
	directory->shelf = (struct shelf){&shelf_directory_calls, directory->key, false};
	int ret = directory->key != NULL ? open_path(&opening, &top) : STORE_E_MEMORY;

	if (ret == 0)
		ret = check_version(&opening, top);
	if (ret == 0)
		ret = open_private(&opening, top, BELOW_LAYOUT, &layout);
	if (ret == 0)
		ret = open_layout(&opening, layout, key, directory);
	if (layout >= 0)
		close(layout);
	if (top >= 0)
		close(top);
	if (ret == 0)
		*ret_shelf = &directory->shelf;
	else
		shelf_directory_calls.free(&directory->shelf);
	return ret;
}
