/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf.h"

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

#include "base/bytes.h"
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

/* An opening, which fails once and stays failed: what comes after does nothing. */
struct opening {
	const char *path;
	struct text *why;
	int ret; /* 0 or a code */
};

static void fail_system(struct opening *opening, const char *below, const char *call)
{
	text_add(opening->why, "%s%s: %s: %s", opening->path, below, call, strerror(errno));
	opening->ret = TLSFO_E_SYSTEM;
}

/*
 * Checks what was opened, or could not be: @fd is -1 then, and errno says why. That may be because @name at @at is
 * not what it should be, which open(2) does not say. Returns @fd, or -1 after having closed it.
 */
static int check(struct opening *opening, int fd, int at, const char *name, const char *below,
	mode_t type, mode_t forbidden)
{
	struct stat found;
	int error = errno;
	int told = fd >= 0 ? fstat(fd, &found) : fstatat(at, name, &found, AT_SYMLINK_NOFOLLOW);
	const char *fault = told == 0 ? disk_fault(&found, type, fd >= 0 ? forbidden : 0) : NULL;

	if (fd >= 0 && told == 0 && fault == NULL)
		return fd;
	if (fd < 0)
		errno = error;
	disk_close(fd);
	if (fault == NULL) {
		fail_system(opening, below, "open");
		return -1;
	}
	text_add(opening->why, "%s%s: %s (user %u, mode %04o)", opening->path, below, fault,
		(unsigned int)found.st_uid, (unsigned int)found.st_mode & 07777);
	opening->ret = TLSFO_E_STORE_UNSAFE;
	return -1;
}

/* Opens the directory at the end of @below, after making it when it is missing. */
static int open_private(struct opening *opening, int at, const char *below)
{
	const char *name = strrchr(below, '/') + 1;

	if (opening->ret != 0)
		return -1;
	return check(opening, disk_directory(at, name), at, name, below, S_IFDIR, FOR_OTHERS);
}

/* Opens the directory as the caller named it. Others may read it, but nothing in it. */
static int open_path(struct opening *opening)
{
	char path[PATH_MAX];
	size_t len = strlen(opening->path);

	memcpy(path, opening->path, len + 1);
	/* With a slash or a slash and a dot at its end a symbolic link would be followed. */
	while (len > 1 && (path[len - 1] == '/' || (path[len - 1] == '.' && path[len - 2] == '/')))
		path[--len] = '\0';
	/* Makes the directories above the last name. A failure here comes again when that is opened. */
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		disk_close(disk_directory(AT_FDCWD, path));
		*slash = '/';
	}
	return check(
		opening, disk_directory(AT_FDCWD, path), AT_FDCWD, path, "", S_IFDIR, FOR_WRITING);
}

/* Refuses what a later version made. The version is in a name and not in a file: a name is never torn. */
static void check_version(struct opening *opening, int at)
{
	int fd = opening->ret == 0 ? disk_directory(at, ".") : -1;
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	if (stream == NULL) {
		if (opening->ret == 0)
			fail_system(opening, "", "opendir");
		disk_close(fd);
		return;
	}
	while (opening->ret == 0 && (entry = readdir(stream)) != NULL) {
		const char *number = entry->d_name + strlen(LAYOUT_PREFIX);
		char *end;

		if (strncmp(entry->d_name, LAYOUT_PREFIX, strlen(LAYOUT_PREFIX)) != 0 ||
			*number < '1' || *number > '9' || strtoul(number, &end, 10) <= LAYOUT ||
			*end != '\0')
			continue;
		text_add(opening->why, "%s/%s: a newer version of tlsfo made it", opening->path,
			entry->d_name);
		opening->ret = TLSFO_E_STORE_VERSION;
	}
	closedir(stream);
}

/*
 * Reads the key. Returns false when there is none. An empty file holds none: a power cut leaves one of a file that
 * was just made, and nothing sealed can have outlived that.
 */
static bool read_key(struct opening *opening, int layout, unsigned char *key)
{
	unsigned char data[SEAL_KEY_SIZE + 1];
	int fd = disk_open(layout, "key");

	if (fd < 0 && errno == ENOENT)
		return false;
	fd = check(opening, fd, layout, "key", BELOW_KEY, S_IFREG, FOR_OTHERS);
	if (fd < 0)
		return false;
	ssize_t len = disk_read(fd, data, sizeof(data));

	if (len < 0) {
		fail_system(opening, BELOW_KEY, "read");
	} else if (len == SEAL_KEY_SIZE) {
		memcpy(key, data, SEAL_KEY_SIZE);
	} else if (len != 0) {
		text_add(opening->why, "%s" BELOW_KEY ": is damaged", opening->path);
		opening->ret = TLSFO_E_INVALID_FILE;
	}
	close(fd);
	wipe(data, sizeof(data));
	return len == SEAL_KEY_SIZE;
}

/*
 * Writes a key beside and gives it its own name, unless there is one meanwhile. A link is made by one process
 * only, even where files cannot be locked. Android, FAT and some network file systems have no hard links;
 * there the lock that the caller holds keeps rename(2) from replacing another's key.
 */
static void make_key(struct opening *opening, int layout)
{
	unsigned char key[SEAL_KEY_SIZE];
	struct stat found;

	if (fstatat(layout, "key", &found, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(found.st_mode) || found.st_size > 0)
			return;
		unlinkat(layout, "key", 0);
	}
	if (getentropy(key, sizeof(key)) != 0) {
		fail_system(opening, BELOW_KEY, "getentropy");
		return;
	}
	/* A process that was killed may have left one. */
	unlinkat(layout, KEY_BESIDE, 0);
	bool written = disk_write(layout, KEY_BESIDE, key, sizeof(key));

	wipe(key, sizeof(key));
	if (!written) {
		if (errno != EEXIST)
			fail_system(opening, BELOW_KEY, "write");
		return;
	}
	if (linkat(layout, KEY_BESIDE, layout, "key", 0) != 0 && errno != EEXIST &&
		errno != ENOENT && renameat(layout, KEY_BESIDE, layout, "key") != 0)
		fail_system(opening, BELOW_KEY, "rename");
	unlinkat(layout, KEY_BESIDE, 0);
}

/*
 * Reads the key, or makes one. One opener at a time makes it, so that none removes or replaces what another has
 * made; the others wait, and read again. Where files cannot be locked, it goes without.
 */
static void get_key(struct opening *opening, int layout, unsigned char *key)
{
	for (int i = 0; opening->ret == 0 && !read_key(opening, layout, key); i++) {
		if (opening->ret != 0)
			return;
		if (i == KEY_ATTEMPTS) {
			errno = EAGAIN;
			fail_system(opening, BELOW_KEY, "open");
			return;
		}
		bool locked = flock(layout, LOCK_EX | LOCK_NB) == 0;

		if (locked || errno != EWOULDBLOCK)
			make_key(opening, layout);
		else
			poll(NULL, 0, 1);
		if (locked)
			flock(layout, LOCK_UN);
	}
}

int shelf_directory_open(
	const char *path, const unsigned char *key, struct text *why, struct shelf **ret_shelf)
{
	struct opening opening = {.path = path, .why = why};
	struct directory *directory = calloc(1, sizeof(*directory));
	char below[] = BELOW_TICKETS "/0";

	if (directory == NULL)
		return STORE_E_MEMORY;
	directory->key = wipe_map(SEAL_KEY_SIZE);
	directory->shelf = (struct shelf){&shelf_directory_calls, directory->key, false};
	if (directory->key == NULL)
		opening.ret = STORE_E_MEMORY;
	int top = opening.ret == 0 ? open_path(&opening) : -1;

	check_version(&opening, top);
	int layout = open_private(&opening, top, BELOW_LAYOUT);

	directory->tickets = open_private(&opening, layout, BELOW_TICKETS);
	for (unsigned int i = 0; i < ENTRY_SHARDS; i++) {
		below[sizeof(below) - 2] = "0123456789abcdef"[i];
		disk_close(open_private(&opening, directory->tickets, below));
	}
	directory->paths = open_private(&opening, layout, BELOW_PATHS);
	if (opening.ret == 0 && key != NULL)
		memcpy(directory->key, key, SEAL_KEY_SIZE);
	else
		get_key(&opening, layout, directory->key);
	disk_close(layout);
	disk_close(top);
	if (opening.ret == 0)
		*ret_shelf = &directory->shelf;
	else
		shelf_directory_calls.free(&directory->shelf);
	return opening.ret;
}
