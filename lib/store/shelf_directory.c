/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf_directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "store/disk.h"
#include "store/record.h"

#define ROOM_FIRST  32
#define SEALED_MOST (RECORD_TICKET_MAX + SEAL_OVERHEAD)

/* One put of a ticket in so many looks after another shard, too, so that none is forgotten. */
#define TIDY_ELSEWHERE 8

struct names {
	struct name *list;
	size_t count;
	size_t room;
	int left; /* errno of a file that was to be removed and is still there, or 0 */
};

/* A walk through all files. A failure is told in the end, and hinders nothing before. */
struct walk {
	const struct directory *directory;
	int64_t now;
	shelf_show_fn show; /* NULL: everything is removed */
	void *userdata;
	bool stopped;
	int removed;
	int failed; /* the first code, */
	int error;  /* and its errno */
};

/* Random bytes that one put needs. */
struct draw {
	unsigned char salt[SEAL_SALT_SIZE];
	unsigned char name[NAME_RANDOM_SIZE];
	unsigned char beside[NAME_RANDOM_SIZE];
	unsigned char chance;
};

static const struct directory *directory_of(const struct shelf *shelf)
{
	return (const struct directory *)shelf;
}

/*
 * Opens the directory that holds a kind of records, or a shard of it. It is opened anew each time, because threads
 * and children that share a descriptor share the place it reads at, and its lock. Returns 0 or a code.
 */
static int open_shard(const struct directory *directory, enum limits_kind kind, unsigned int shard,
	DIR **ret_stream)
{
	const char digit[] = {"0123456789abcdef"[shard % LIMIT_SHARDS], '\0'};
	int fd = kind == LIMITS_TICKETS ? disk_directory(directory->tickets, digit)
					: disk_directory(directory->paths, ".");

	if (fd < 0)
		return TLSFO_E_SYSTEM;
	*ret_stream = fdopendir(fd);
	if (*ret_stream != NULL)
		return 0;
	/* Told before close(), which may set another errno. */
	int ret = errno == ENOMEM ? STORE_E_MEMORY : TLSFO_E_SYSTEM;

	close(fd);
	return ret;
}

/* Returns 1 when it was this call that removed the file, 0 when there is none, or a code. */
static int remove_file(int fd, const char *name)
{
	if (unlinkat(fd, name, 0) == 0)
		return 1;
	/* A directory is nothing of ours. */
	return errno == ENOENT || errno == EISDIR ? 0 : TLSFO_E_SYSTEM;
}

static bool names_add(struct names *names, const struct name *name)
{
	if (names->count == names->room) {
		size_t room = names->room == 0 ? ROOM_FIRST : 2 * names->room;
		struct name *list = reallocarray(names->list, room, sizeof(*list));

		if (list == NULL)
			return false;
		names->list = list;
		names->room = room;
	}
	names->list[names->count++] = *name;
	return true;
}

/* Does a file stay that is no record's? */
static bool is_kept(const char *text, int64_t now)
{
	int64_t since;

	return strcmp(text, ".") == 0 || strcmp(text, "..") == 0 ||
	       (name_read_new(text, &since) && !limits_stale(since, now));
}

/*
 * Reads the names of records, or of those of one key among them, in no order; the caller frees the list. Files that
 * are left over or do not belong there are removed. Returns 0 or a code.
 */
static int read_names(DIR *stream, enum limits_kind kind, const struct name_key *key, int64_t now,
	struct names *ret_names)
{
	bool (*read_name)(const char *, struct name *) =
		kind == LIMITS_TICKETS ? name_read_ticket : name_read_path;
	struct names names = {0};
	struct name wanted;
	struct name name;
	struct dirent *entry;
	int ret = 0;

	if (key != NULL)
		name_path(key, &wanted);
	/* Some systems show what was there when the directory was opened. */
	rewinddir(stream);
	/* At the end readdir(3) leaves errno alone. */
	while (ret == 0 && (errno = 0, entry = readdir(stream)) != NULL) {
		if (read_name(entry->d_name, &name)) {
			if (key == NULL || memcmp(name.text, wanted.text, NAME_KEY_DIGITS) == 0)
				ret = names_add(&names, &name) ? 0 : STORE_E_MEMORY;
		} else if (!is_kept(entry->d_name, now) &&
			   remove_file(dirfd(stream), entry->d_name) < 0) {
			names.left = errno;
		}
	}
	if (ret == 0 && errno != 0)
		ret = TLSFO_E_SYSTEM;
	if (ret == 0)
		*ret_names = names;
	else
		free(names.list);
	return ret;
}

/* A path record's file is as old as its last change. One that cannot be looked at is as old as can be. */
static void read_ages(int fd, struct names *names)
{
	struct stat found;

	for (size_t i = 0; i < names->count; i++) {
		struct name *name = &names->list[i];

		if (fstatat(fd, name->text, &found, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		name->received = (int64_t)found.st_mtim.tv_sec;
		name->put = (uint64_t)found.st_mtim.tv_nsec;
		name->expires = name->received + limits_of(LIMITS_PATHS)->life;
	}
}

/* Removes the files of one directory that are too many. */
static void tidy(DIR *stream, enum limits_kind kind, int64_t now)
{
	struct names names;

	if (read_names(stream, kind, NULL, now, &names) != 0)
		return;
	if (kind == LIMITS_PATHS)
		read_ages(dirfd(stream), &names);
	for (size_t i = limits_choose(kind, names.list, names.count, now); i < names.count; i++)
		remove_file(dirfd(stream), names.list[i].text);
	free(names.list);
}

static int put(struct shelf *shelf, enum limits_kind kind, const struct name_key *key,
	int64_t received, int64_t expires, struct content *content, int64_t now)
{
	const struct directory *directory = directory_of(shelf);
	struct name name, beside;
	struct draw draw;
	DIR *stream;

	if (getentropy(&draw, sizeof(draw)) != 0)
		return TLSFO_E_SYSTEM;
	if (kind == LIMITS_TICKETS)
		name_ticket(key, received < now ? received : now, (uint64_t)clock_us(), expires,
			draw.name, &name);
	else
		name_path(key, &name);
	name_new(now, draw.beside, &beside);
	seal_close(shelf->key, name.text, draw.salt, content->data, content->record.len);
	int ret = open_shard(directory, kind, key->bytes[0] >> 4, &stream);

	if (ret != 0)
		return ret;
	int fd = dirfd(stream);

	/* Written beside and renamed: there is a whole file or none. */
	if (!disk_write(fd, beside.text, content->data, content->record.len + SEAL_OVERHEAD)) {
		ret = TLSFO_E_SYSTEM;
	} else if (renameat(fd, beside.text, fd, name.text) != 0) {
		unlinkat(fd, beside.text, 0);
		ret = TLSFO_E_SYSTEM;
	}
	if (draw.chance % limits_of(kind)->seldom == 0)
		tidy(stream, kind, now);
	closedir(stream);
	if (kind == LIMITS_TICKETS && draw.chance % TIDY_ELSEWHERE == 0 &&
		open_shard(directory, kind, draw.chance >> 4, &stream) == 0) {
		tidy(stream, kind, now);
		closedir(stream);
	}
	return ret;
}

/* 1 and the record of an open file, 0 when it has none, or a code. */
static int read_content(
	int file, const char *name, const unsigned char *key, struct content *ret_content)
{
	struct stat found;

	if (fstat(file, &found) < 0 || disk_fault(&found, S_IFREG, 0) != NULL ||
		found.st_size < SEAL_OVERHEAD || found.st_size > SEALED_MOST)
		return 0;
	size_t size = (size_t)found.st_size;

	if (!content_new(size - SEAL_OVERHEAD, ret_content))
		return STORE_E_MEMORY;
	ssize_t len = disk_read(file, ret_content->data, size);

	if (len == (ssize_t)size &&
		seal_open(key, name, ret_content->data, size, &ret_content->record))
		return 1;
	content_clear(ret_content);
	return len < 0 ? TLSFO_E_SYSTEM : 0;
}

/* 1 and the record of the file @name, 0 when there is none, or a code. With @take the file is removed, and there is
 * a record only when this call has removed it. */
static int read_file(
	int fd, const char *name, const unsigned char *key, bool take, struct content *ret_content)
{
	int file = disk_open(fd, name);
	int ret = 1;

	if (file < 0) {
		/* There is none, or a symbolic link or a pipe, which is none of ours. */
		bool none = errno == ENOENT || errno == ELOOP || errno == ENXIO;
		/* Opening may succeed the next time; otherwise a file that is to be taken is removed. */
		bool passing =
			errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EINTR;

		if (take ? passing : !none)
			return TLSFO_E_SYSTEM;
	}
	if (take)
		ret = remove_file(fd, name);
	if (ret == 1)
		ret = file >= 0 ? read_content(file, name, key, ret_content) : 0;
	if (file >= 0)
		close(file);
	return ret;
}

static bool lives(const struct name *name, int64_t now, int64_t slack)
{
	return limits_alive(LIMITS_TICKETS, name->expires, now, slack) &&
	       !limits_future(name->received, now);
}

/* Opens the shard of @key, and reads the names of its tickets. The caller frees the list and closes the stream.
 * Returns 0 or a code; then there is nothing to be given back. */
static int open_names(const struct shelf *shelf, const struct name_key *key, int64_t now,
	DIR **ret_stream, struct names *ret_names)
{
	int ret = open_shard(directory_of(shelf), LIMITS_TICKETS, key->bytes[0] >> 4, ret_stream);

	if (ret != 0)
		return ret;
	ret = read_names(*ret_stream, LIMITS_TICKETS, key, now, ret_names);
	if (ret != 0)
		closedir(*ret_stream);
	return ret;
}

static int take(struct shelf *shelf, const struct name_key *key, int64_t now, int64_t slack,
	struct content *ret_content)
{
	struct names names;
	DIR *stream;
	int ret = open_names(shelf, key, now, &stream, &names);

	if (ret != 0)
		return ret;
	if (names.count > 1)
		qsort(names.list, names.count, sizeof(*names.list), name_compare_age);
	for (size_t i = 0; ret == 0 && i < names.count; i++) {
		const struct name *name = &names.list[i];

		if (lives(name, now, slack))
			ret = read_file(dirfd(stream), name->text, shelf->key, true, ret_content);
		else if (!lives(name, now, 0))
			remove_file(dirfd(stream), name->text);
	}
	free(names.list);
	closedir(stream);
	return ret;
}

static int count(struct shelf *shelf, const struct name_key *key, int64_t now, int64_t slack)
{
	struct names names;
	DIR *stream;
	int ret = open_names(shelf, key, now, &stream, &names);

	if (ret != 0)
		return ret;
	for (size_t i = 0; i < names.count; i++)
		ret += lives(&names.list[i], now, slack);
	free(names.list);
	closedir(stream);
	return ret;
}

static int look(struct shelf *shelf, const struct name_key *key, struct content *ret_content)
{
	struct name name;

	name_path(key, &name);
	return read_file(directory_of(shelf)->paths, name.text, shelf->key, false, ret_content);
}

static void remove_record(struct shelf *shelf, const struct name_key *key)
{
	struct name name;

	name_path(key, &name);
	remove_file(directory_of(shelf)->paths, name.text);
}

/* Adds what came of one file, 1 for one that was removed, or of a directory. */
static void add(struct walk *walk, int result)
{
	if (result >= 0) {
		walk->removed += result;
	} else if (walk->failed == 0) {
		walk->failed = result;
		walk->error = errno;
	}
}

static void show_file(struct walk *walk, int fd, const struct name *name)
{
	enum shelf_next next = SHELF_REMOVE;
	struct content content;

	if (walk->show != NULL) {
		int found = read_file(fd, name->text, walk->directory->key, false, &content);

		if (found != 1) {
			add(walk, found);
			return;
		}
		next = walk->show(content.record, walk->userdata);
		content_clear(&content);
	}
	if (next == SHELF_REMOVE)
		add(walk, remove_file(fd, name->text));
	walk->stopped = next == SHELF_STOP;
}

static void show_shard(struct walk *walk, enum limits_kind kind, unsigned int shard)
{
	struct names names = {0};
	DIR *stream;
	int ret = open_shard(walk->directory, kind, shard, &stream);

	add(walk, ret);
	if (ret != 0)
		return;
	add(walk, read_names(stream, kind, NULL, walk->now, &names));
	for (size_t i = 0; !walk->stopped && i < names.count; i++)
		show_file(walk, dirfd(stream), &names.list[i]);
	/* Only who wants everything to be gone asks about files that cannot be swept. */
	errno = names.left;
	add(walk, walk->show == NULL && names.left != 0 ? TLSFO_E_SYSTEM : 0);
	free(names.list);
	closedir(stream);
}

static int each(struct shelf *shelf, int64_t now, shelf_show_fn show, void *userdata)
{
	struct walk walk = {
		.directory = directory_of(shelf),
		/* At the end of time every file that is being written is left over. */
		.now = show != NULL ? now : INT64_MAX,
		.show = show,
		.userdata = userdata,
	};

	for (unsigned int i = 0; !walk.stopped && i < LIMIT_SHARDS; i++)
		show_shard(&walk, LIMITS_TICKETS, i);
	if (!walk.stopped)
		show_shard(&walk, LIMITS_PATHS, 0);
	if (walk.failed == 0)
		return walk.removed;
	errno = walk.error;
	return walk.failed;
}

static int claim(struct shelf *shelf)
{
	/* Opened anew: a lock belongs to what was opened, which threads and children share. */
	int fd = disk_directory(directory_of(shelf)->paths, ".");

	/* Where files cannot be locked, two may have it. */
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return fd;
	close(fd);
	return -1;
}

static void release(struct shelf *shelf, int claim)
{
	(void)shelf;
	/* A child that another thread forked meanwhile has the descriptor, too: to close ours would leave the
	 * lock on until that child's end. */
	flock(claim, LOCK_UN);
	close(claim);
}

static void free_directory(struct shelf *shelf)
{
	struct directory *directory = (struct directory *)shelf;

	if (directory->tickets >= 0)
		close(directory->tickets);
	if (directory->paths >= 0)
		close(directory->paths);
	if (directory->key != NULL)
		wipe_unmap(directory->key, SEAL_KEY_SIZE);
	free(directory);
}

const struct shelf_calls shelf_directory_calls = {
	put, take, count, look, remove_record, each, claim, release, free_directory};
