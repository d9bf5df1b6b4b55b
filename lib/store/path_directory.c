/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

#include "store/disk.h"
#include "store/limits.h"
#include "store/random.h"
#include "store/seal.h"

/* One put in so many looks after what is too much: the bound on the whole holds about. */
#define TIDY_RARELY 16

int path_directory_get(
	const struct directory *directory, const struct name *name, struct path_record *ret_record)
{
	struct content content;
	int found = shard_read(directory->paths, name, directory->key, &content);

	if (found != 1)
		return found;
	found = path_record_read(content.record, ret_record);
	content_clear(&content);
	return found;
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
			shard_remove(directory->paths, aged[i].name.text);
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
	unsigned char sealed[PATH_RECORD_MAX + SEAL_OVERHEAD];
	unsigned char draw[SEAL_SALT_SIZE + 1];
	struct writer writer;

	writer_init(&writer, sealed + SEAL_HEAD, PATH_RECORD_MAX);
	path_record_write(&writer, record);
	if (writer.failed || !random_bytes(draw, sizeof(draw)))
		return false;
	seal_close(directory->key, name->text, draw, sealed, writer.len);
	if (shard_write(directory->paths, name, now, sealed, writer.len + SEAL_OVERHEAD) != 0)
		return false;
	if (draw[SEAL_SALT_SIZE] % TIDY_RARELY == 0)
		tidy(directory, now);
	return true;
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

int path_directory_names(const struct directory *directory, int64_t now, struct names *ret_names)
{
	struct shard shard;
	/* Opened anew, as shards are. */
	int ret = shard_open(disk_directory(directory->paths, "."), &shard);

	if (ret != 0)
		return ret;
	ret = shard_names(&shard, name_is_path, NULL, now, ret_names);
	shard_close(&shard);
	return ret;
}
