/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/file.h>

#include <tlsfo/error.h>

#include "base/wipe.h"
#include "store/disk.h"
#include "store/limits.h"
#include "store/name.h"
#include "store/random.h"

#define LAYOUT	      1
#define LAYOUT_PREFIX "tlsfo-"
#define LAYOUT_NAME   "tlsfo-1"
#define BELOW_LAYOUT  "/" LAYOUT_NAME
#define BELOW_KEY     BELOW_LAYOUT "/key"
#define BELOW_TICKETS BELOW_LAYOUT "/tickets"
#define BELOW_PATHS   BELOW_LAYOUT "/paths"

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

static int fail_unsafe(const struct opening *opening, const char *below, const char *fault,
	const struct stat *found)
{
	text_add(opening->why, "%s%s: %s (user %u, mode %04o)", opening->path, below, fault,
		(unsigned int)found->st_uid, (unsigned int)found->st_mode & 07777);
	return TLSFO_E_STORE_UNSAFE;
}

/* Why @name could not be opened: it may be what it should not be, and open() says but ENOTDIR. */
static int fail_open(
	const struct opening *opening, int at, const char *name, const char *below, mode_t type)
{
	struct stat found;
	int error = errno;
	const char *fault = NULL;

	if (fstatat(at, name, &found, AT_SYMLINK_NOFOLLOW) == 0)
		fault = disk_fault(&found, type, 0);
	if (fault != NULL)
		return fail_unsafe(opening, below, fault, &found);
	errno = error;
	return fail_system(opening, below, "open");
}

/* Checks what was opened and gives it back, or closes it. */
static int check_opened(const struct opening *opening, int fd, const char *below, mode_t type,
	mode_t forbidden, int *ret_fd)
{
	struct stat found;
	int ret = 0;

	if (fstat(fd, &found) < 0)
		ret = fail_system(opening, below, "fstat");
	else if (disk_fault(&found, type, forbidden) != NULL)
		ret = fail_unsafe(opening, below, disk_fault(&found, type, forbidden), &found);
	if (ret == 0)
		*ret_fd = fd;
	else
		close(fd);
	return ret;
}

static int open_private(
	const struct opening *opening, int at, const char *name, const char *below, int *ret_fd)
{
	int fd = disk_directory(at, name);

	if (fd < 0)
		return fail_open(opening, at, name, below, S_IFDIR);
	return check_opened(opening, fd, below, S_IFDIR, FOR_OTHERS, ret_fd);
}

/* Makes the directories above the last name of @path. What fails here fails again below, and is told
 * then. */
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

/* The directory as the caller named it. It may be readable: what is in it is not. */
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
	if (fd < 0)
		return fail_open(opening, AT_FDCWD, path, "", S_IFDIR);
	return check_opened(opening, fd, "", S_IFDIR, FOR_WRITING, ret_fd);
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

/* Sets @ret_found when there was a key. An empty file is none: a power cut leaves one of what was just made,
 * and nothing sealed can have outlived that. */
static int read_key(const struct opening *opening, int layout, unsigned char *key, bool *ret_found)
{
	unsigned char data[SEAL_KEY_SIZE + 1];
	int fd = disk_open(layout, "key");

	*ret_found = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fail_open(opening, layout, "key", BELOW_KEY, S_IFREG);
	int ret = check_opened(opening, fd, BELOW_KEY, S_IFREG, FOR_OTHERS, &fd);

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
 * Gives the key that was written as @name its own name, unless there is one meanwhile. A link is made by one
 * process only, even where files cannot be locked. Android, FAT and some network file systems have no
 * hard links; there the lock that the caller holds keeps rename(2) from replacing another's key.
 */
static int place_key(const struct opening *opening, int layout, int shard, const char *name)
{
	struct stat found;

	if (fstatat(layout, "key", &found, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(found.st_mode) || found.st_size > 0)
			return 0;
		unlinkat(layout, "key", 0);
	}
	if (linkat(shard, name, layout, "key", 0) == 0 || errno == EEXIST || errno == ENOENT)
		return 0;
	if (renameat(shard, name, layout, "key") == 0)
		return 0;
	return fail_system(opening, BELOW_KEY, "rename");
}

/* Writes a key beside: in a shard, because left-over files are swept there. */
static int make_key(const struct opening *opening, int layout, int shard)
{
	unsigned char key[SEAL_KEY_SIZE];
	unsigned char random[NAME_RANDOM_SIZE];
	struct name name;

	if (!random_bytes(key, sizeof(key)) || !random_bytes(random, sizeof(random)))
		return fail_system(opening, BELOW_KEY, "getrandom");
	name_new((int64_t)time(NULL), random, &name);
	bool written = disk_write(shard, name.text, key, sizeof(key));

	wipe(key, sizeof(key));
	if (!written)
		return fail_system(opening, BELOW_KEY, "write");
	int ret = place_key(opening, layout, shard, name.text);

	unlinkat(shard, name.text, 0);
	return ret;
}

/*
 * One opener at a time makes a key, so that none removes or replaces what another has made. Others have done
 * in no time. Where files cannot be locked, it goes without.
 */
static int make_key_alone(const struct opening *opening, int layout, int tickets)
{
	bool locked = flock(layout, LOCK_EX | LOCK_NB) == 0;

	if (!locked && errno == EWOULDBLOCK) {
		poll(NULL, 0, 1);
		return 0;
	}
	int shard = disk_directory(tickets, "0");
	int ret = shard >= 0 ? make_key(opening, layout, shard)
			     : fail_system(opening, BELOW_TICKETS "/0", "open");

	if (shard >= 0)
		close(shard);
	if (locked)
		flock(layout, LOCK_UN);
	return ret;
}

static int get_key(const struct opening *opening, int layout, int tickets, unsigned char *key)
{
	bool found = false;

	for (int i = 0; i < KEY_ATTEMPTS; i++) {
		int ret = read_key(opening, layout, key, &found);

		if (ret == 0 && !found)
			ret = make_key_alone(opening, layout, tickets);
		if (ret != 0 || found)
			return ret;
	}
	errno = EAGAIN;
	return fail_system(opening, BELOW_KEY, "open");
}

static int open_shards(const struct opening *opening, int tickets)
{
	char below[] = BELOW_TICKETS "/0";
	char *digit = below + sizeof(below) - 2;
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < LIMIT_SHARDS; i++) {
		int fd = -1;

		*digit = "0123456789abcdef"[i];
		ret = open_private(opening, tickets, digit, below, &fd);
		if (ret == 0)
			close(fd);
	}
	return ret;
}

int directory_open(
	struct directory *directory, const char *path, const unsigned char *key, struct text *why)
{
	const struct opening opening = {.path = path, .why = why};
	int top = -1;
	int layout = -1;
	int ret = open_path(&opening, &top);

	*directory = (struct directory){.tickets = -1, .paths = -1};
	if (ret == 0)
		ret = check_version(&opening, top);
	if (ret == 0)
		ret = open_private(&opening, top, LAYOUT_NAME, BELOW_LAYOUT, &layout);
	if (ret == 0)
		ret = open_private(&opening, layout, "tickets", BELOW_TICKETS, &directory->tickets);
	if (ret == 0)
		ret = open_shards(&opening, directory->tickets);
	if (ret == 0)
		ret = open_private(&opening, layout, "paths", BELOW_PATHS, &directory->paths);
	if (ret == 0 && (directory->key = wipe_map(SEAL_KEY_SIZE)) == NULL)
		ret = STORE_E_MEMORY;
	if (ret == 0 && key == NULL)
		ret = get_key(&opening, layout, directory->tickets, directory->key);
	if (ret == 0 && key != NULL)
		memcpy(directory->key, key, SEAL_KEY_SIZE);
	if (layout >= 0)
		close(layout);
	if (top >= 0)
		close(top);
	if (ret != 0)
		directory_close(directory);
	return ret;
}

void directory_close(struct directory *directory)
{
	if (directory->tickets >= 0)
		close(directory->tickets);
	if (directory->paths >= 0)
		close(directory->paths);
	if (directory->key != NULL)
		wipe_unmap(directory->key, SEAL_KEY_SIZE);
	*directory = (struct directory){.tickets = -1, .paths = -1};
}
