/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

#include <tlsfo/error.h>

#include "store/code.h"
#include "store/disk.h"
#include "store/limits.h"
#include "store/random.h"
#include "store/seal.h"

#define SEALED_MOST (PATH_RECORD_MAX + SEAL_OVERHEAD)

/* One put in so many looks after what is too much: the bound on the whole holds about. */
#define TIDY_RARELY 16

/* The shard's functions need no more than its descriptor. */
static struct shard shard_of(const struct directory *directory)
{
	return (struct shard){.fd = directory->paths};
}

bool path_directory_get(
	const struct directory *directory, const struct name *name, struct path_record *ret_record)
{
	unsigned char sealed[SEALED_MOST + 1];
	struct bytes record;
	struct stat found;
	ssize_t len = -1;
	int fd = disk_open(directory->paths, name->text);

	if (fd < 0)
		return false;
	if (fstat(fd, &found) == 0 && disk_fault(&found, S_IFREG, 0) == NULL)
		len = disk_read(fd, sealed, sizeof(sealed));
	close(fd);
	return len > 0 && len <= SEALED_MOST &&
	       seal_open(directory->key, name->text, sealed, (size_t)len, &record) &&
	       path_record_read(record, ret_record);
}

struct aged {
	struct name name;
	int64_t written;
};

/* For qsort(3): the oldest first. */
static int compare_age(const void *a, const void *b)
{
	const struct aged *one = a;
	const struct aged *other = b;

	return (one->written > other->written) - (one->written < other->written);
}

static void remove_surplus(
	const struct directory *directory, const struct names *names, int64_t now)
{
	struct aged *aged = calloc(names->count, sizeof(*aged));
	struct stat found;

	if (aged == NULL)
		return;
	for (size_t i = 0; i < names->count; i++) {
		aged[i].name = names->list[i];
		/* What cannot be looked at is as old as can be. */
		if (fstatat(directory->paths, aged[i].name.text, &found, AT_SYMLINK_NOFOLLOW) == 0)
			aged[i].written = (int64_t)found.st_mtime;
	}
	qsort(aged, names->count, sizeof(*aged), compare_age);
	for (size_t i = 0; i < names->count; i++)
		if (i + LIMIT_PATHS < names->count || now - aged[i].written > PATH_FILE_LIFE)
			path_directory_remove(directory, &aged[i].name);
	free(aged);
}

static void tidy(const struct directory *directory, int64_t now)
{
	struct names names;

	if (path_directory_names(directory, now, &names) != 0)
		return;
	if (names.count > 0)
		remove_surplus(directory, &names, now);
	free(names.list);
}

bool path_directory_put(const struct directory *directory, const struct name *name,
	const struct path_record *record, int64_t now)
{
	const struct shard shard = shard_of(directory);
	unsigned char sealed[SEALED_MOST];
	unsigned char draw[SEAL_SALT_SIZE + 1];
	struct writer writer;

	writer_init(&writer, sealed + SEAL_HEAD, PATH_RECORD_MAX);
	path_record_write(&writer, record);
	if (writer.failed || !random_bytes(draw, sizeof(draw)))
		return false;
	seal_close(directory->key, name->text, draw, sealed, writer.len);
	if (shard_write(&shard, name, now, sealed, writer.len + SEAL_OVERHEAD) != 0)
		return false;
	if (draw[SEAL_SALT_SIZE] % TIDY_RARELY == 0)
		tidy(directory, now);
	return true;
}

bool path_directory_remove(const struct directory *directory, const struct name *name)
{
	const struct shard shard = shard_of(directory);

	return shard_remove(&shard, name);
}

int path_directory_claim(const struct directory *directory)
{
	/* Opened anew: a lock belongs to what was opened, which threads and children share. */
	int fd = disk_directory(directory->paths, ".");

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return fd;
	close(fd);
	return -1;
}

void path_directory_release(int claim)
{
	/* A child that another thread forked meanwhile has the descriptor, too: to close ours would leave the
	 * lock on until that child's end. */
	flock(claim, LOCK_UN);
	close(claim);
}

static bool names_add(struct names *names, const char *text)
{
	if (names->count == names->room) {
		size_t room = names->room == 0 ? LIMIT_SHARD : 2 * names->room;
		struct name *list = reallocarray(names->list, room, sizeof(*list));

		if (list == NULL)
			return false;
		names->list = list;
		names->room = room;
	}
	strcpy(names->list[names->count++].text, text);
	return true;
}

static bool is_kept(const char *text, int64_t now)
{
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return true;
	return name_is_new(text) && !limits_stale(name_since(text), now);
}

int path_directory_names(const struct directory *directory, int64_t now, struct names *ret_names)
{
	struct names names = {0};
	int fd = disk_directory(directory->paths, ".");
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int ret = 0;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return TLSFO_E_SYSTEM;
	}
	while (ret == 0 && (entry = readdir(stream)) != NULL) {
		if (name_is_path(entry->d_name))
			ret = names_add(&names, entry->d_name) ? 0 : STORE_E_MEMORY;
		else if (!is_kept(entry->d_name, now))
			unlinkat(directory->paths, entry->d_name, 0);
	}
	closedir(stream);
	if (ret != 0)
		free(names.list);
	else
		*ret_names = names;
	return ret;
}
