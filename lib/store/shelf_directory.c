/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>

#include <tlsfo/error.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "store/disk.h"
#include "store/record.h"

#define ROOM_FIRST  32
#define SEALED_MOST (RECORD_TICKET_MAX + SEAL_OVERHEAD)

/* One put of a ticket in so many looks after another shard, too, so that none is forgotten. */
#define TIDY_ELSEWHERE 8

/* An open directory of records, and the entries that were read from it. */
struct shard {
	DIR *stream; /* NULL: it could not be opened, */
	int ret;     /* and this is the code */
	enum entry_kind kind;
	struct entry *entries;
	size_t count;
	size_t room;
	int left; /* errno of a file that was to be removed and is still there, or 0 */
};

/* A walk through all files. A failure is told in the end, and hinders nothing before. */
struct walk {
	const unsigned char *key;
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
	unsigned char name[ENTRY_RANDOM_SIZE]; /* for both names that the file has */
	unsigned char chance;
};

static const struct directory *directory_of(const struct shelf *shelf)
{
	return (const struct directory *)shelf;
}

/*
 * Opens the directory that holds a kind of records, or a shard of it. It is opened anew each time, because threads
 * and children that share a descriptor share the place it reads at, and its lock.
 */
static struct shard open_shard(
	const struct directory *directory, enum entry_kind kind, unsigned int number)
{
	const char digit[] = {"0123456789abcdef"[number % ENTRY_SHARDS], '\0'};
	int fd = kind == ENTRY_TICKET ? disk_directory(directory->tickets, digit)
				      : disk_directory(directory->paths, ".");
	struct shard shard = {.stream = fd >= 0 ? fdopendir(fd) : NULL, .kind = kind};

	if (shard.stream != NULL)
		return shard;
	shard.ret = fd >= 0 && errno == ENOMEM ? STORE_E_MEMORY : TLSFO_E_SYSTEM;
	disk_close(fd);
	return shard;
}

static void close_shard(struct shard *shard)
{
	if (shard->stream != NULL)
		closedir(shard->stream);
	free(shard->entries);
}

/* Returns 1 when it was this call that removed the file, 0 when there is none, or a code. */
static int remove_file(int fd, const char *name)
{
	if (unlinkat(fd, name, 0) == 0)
		return 1;
	/* A directory is nothing of ours. */
	return errno == ENOENT || errno == EISDIR ? 0 : TLSFO_E_SYSTEM;
}

static bool add_entry(struct shard *shard, const struct entry *entry)
{
	if (shard->count == shard->room) {
		size_t room = shard->room == 0 ? ROOM_FIRST : 2 * shard->room;
		struct entry *entries = reallocarray(shard->entries, room, sizeof(*entries));

		if (entries == NULL)
			return false;
		shard->entries = entries;
		shard->room = room;
	}
	shard->entries[shard->count++] = *entry;
	return true;
}

/*
 * Reads the entries of a shard, or those of one key among them, in no order. Files that are left over or do not
 * belong there are removed. Returns 0, or a code and no entries, also when the shard could not be opened.
 */
static int read_entries(struct shard *shard, const struct entry_key *key, int64_t now)
{
	const struct entry wanted = key != NULL ? entry_path(key) : (struct entry){0};
	struct entry entry;
	struct dirent *file;
	int ret = 0;

	if (shard->ret != 0)
		return shard->ret;
	/* Some systems show what was there when the directory was opened. */
	rewinddir(shard->stream);
	/* At the end readdir(3) leaves errno alone. */
	while (ret == 0 && (errno = 0, file = readdir(shard->stream)) != NULL) {
		enum entry_kind kind = entry_read(file->d_name, &entry);

		if (kind == shard->kind) {
			if (key == NULL || memcmp(entry.name, wanted.name, ENTRY_KEY_DIGITS) == 0)
				ret = add_entry(shard, &entry) ? 0 : STORE_E_MEMORY;
		} else if ((kind != ENTRY_NEW || entry_is_stale(entry.received, now)) &&
			   strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0 &&
			   remove_file(dirfd(shard->stream), file->d_name) < 0) {
			shard->left = errno;
		}
	}
	if (ret == 0 && errno != 0)
		ret = TLSFO_E_SYSTEM;
	if (ret != 0)
		shard->count = 0;
	return ret;
}

/* Removes the files of a shard that are too many. */
static void tidy(struct shard *shard, int64_t now)
{
	struct stat found;

	if (read_entries(shard, NULL, now) != 0)
		return;
	int fd = dirfd(shard->stream);

	/* A path record's file is as old as its last change. One that cannot be looked at is as old as can be. */
	for (size_t i = 0; shard->kind == ENTRY_PATH && i < shard->count; i++) {
		struct entry *entry = &shard->entries[i];

		if (fstatat(fd, entry->name, &found, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		entry->received = (int64_t)found.st_mtim.tv_sec;
		entry->put = (uint64_t)found.st_mtim.tv_nsec;
		entry->expires = entry->received + entry_bounds[ENTRY_PATH].life;
	}
	for (size_t i = entry_choose(shard->kind, shard->entries, shard->count, now);
		i < shard->count; i++)
		remove_file(fd, shard->entries[i].name);
}

static int put(
	struct shelf *shelf, const struct entry_key *key, const struct record *record, int64_t now)
{
	const struct directory *directory = directory_of(shelf);
	enum entry_kind kind = record->kind == RECORD_TICKET ? ENTRY_TICKET : ENTRY_PATH;
	struct content content;
	struct draw draw;

	if (getentropy(&draw, sizeof(draw)) != 0)
		return TLSFO_E_SYSTEM;
	if (!record_pack(record, &content))
		return STORE_E_MEMORY;
	const struct entry beside = entry_new(now, draw.name);
	const struct entry entry =
		kind == ENTRY_PATH
			? entry_path(key)
			: entry_ticket(key, record->written < now ? record->written : now,
				  (uint64_t)clock_us(), record->expires, draw.name);

	seal_close(shelf->key, entry.name, draw.salt, content.data, content.record.len);
	struct shard shard = open_shard(directory, kind, key->bytes[0] >> 4);
	int fd = shard.ret == 0 ? dirfd(shard.stream) : -1;
	int ret = shard.ret;

	/* Written beside and renamed: there is a whole file or none. */
	if (ret == 0 && !disk_write(fd, beside.name, content.data, content.size)) {
		ret = TLSFO_E_SYSTEM;
	} else if (ret == 0 && renameat(fd, beside.name, fd, entry.name) != 0) {
		unlinkat(fd, beside.name, 0);
		ret = TLSFO_E_SYSTEM;
	}
	content_clear(&content);
	if (draw.chance % entry_bounds[kind].seldom == 0)
		tidy(&shard, now);
	close_shard(&shard);
	if (kind == ENTRY_TICKET && draw.chance % TIDY_ELSEWHERE == 0) {
		shard = open_shard(directory, kind, draw.chance >> 4);
		tidy(&shard, now);
		close_shard(&shard);
	}
	return ret;
}

/* 1 and the record of an open file, 0 when it has none, or a code. */
static int read_open(
	int file, const char *name, const unsigned char *key, struct record *ret_record)
{
	struct content content;
	struct stat found;

	if (fstat(file, &found) < 0 || disk_fault(&found, S_IFREG, 0) != NULL ||
		found.st_size < SEAL_OVERHEAD || found.st_size > SEALED_MOST)
		return 0;
	size_t size = (size_t)found.st_size;

	if (!content_new(size - SEAL_OVERHEAD, &content))
		return STORE_E_MEMORY;
	ssize_t len = disk_read(file, content.data, size);

	if (len == (ssize_t)size && seal_open(key, name, content.data, size, &content.record))
		return record_unpack(&content, ret_record);
	content_clear(&content);
	return len < 0 ? TLSFO_E_SYSTEM : 0;
}

/* 1 and the record of the file @name, 0 when there is none, or a code. With @take the file is removed, and there is
 * a record only when this call has removed it. The caller clears the ticket of a record. */
static int read_file(
	int fd, const char *name, const unsigned char *key, bool take, struct record *ret_record)
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
		ret = file >= 0 ? read_open(file, name, key, ret_record) : 0;
	disk_close(file);
	return ret;
}

static int get(struct shelf *shelf, enum entry_kind kind, const struct entry_key *key, int64_t now,
	int64_t slack, struct record *ret_record)
{
	const struct directory *directory = directory_of(shelf);

	if (kind == ENTRY_PATH)
		return read_file(
			directory->paths, entry_path(key).name, shelf->key, false, ret_record);
	struct shard shard = open_shard(directory, kind, key->bytes[0] >> 4);
	int ret = read_entries(&shard, key, now);

	if (shard.count > 1)
		qsort(shard.entries, shard.count, sizeof(*shard.entries), entry_compare_age);
	for (size_t i = 0; i < shard.count && (ret == 0 || ret_record == NULL); i++) {
		const struct entry *entry = &shard.entries[i];
		int fd = dirfd(shard.stream);

		if (!entry_is_usable(kind, entry->received, entry->expires, now, 0))
			remove_file(fd, entry->name);
		else if (!entry_is_usable(kind, entry->received, entry->expires, now, slack))
			continue;
		else if (ret_record == NULL)
			ret++;
		else
			ret = read_file(fd, entry->name, shelf->key, true, ret_record);
		if (ret_record != NULL && ret == 1 && ret_record->kind != RECORD_TICKET)
			ret = 0;
	}
	close_shard(&shard);
	return ret;
}

static void remove_record(struct shelf *shelf, const struct entry_key *key)
{
	remove_file(directory_of(shelf)->paths, entry_path(key).name);
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

static void show_file(struct walk *walk, int fd, const char *name)
{
	enum shelf_next next = SHELF_REMOVE;
	struct record record;

	if (walk->show != NULL) {
		int found = read_file(fd, name, walk->key, false, &record);

		if (found != 1) {
			add(walk, found);
			return;
		}
		next = walk->show(&record, walk->userdata);
		ticket_clear(&record.ticket);
	}
	if (next == SHELF_REMOVE)
		add(walk, remove_file(fd, name));
	walk->stopped = next == SHELF_STOP;
}

static int each(struct shelf *shelf, int64_t now, shelf_show_fn show, void *userdata)
{
	struct walk walk = {.key = shelf->key, .show = show, .userdata = userdata};

	/* At the end of time every file that is being written is left over. */
	if (show == NULL)
		now = INT64_MAX;
	for (unsigned int i = 0; !walk.stopped && i <= ENTRY_SHARDS; i++) {
		struct shard shard = open_shard(
			directory_of(shelf), i < ENTRY_SHARDS ? ENTRY_TICKET : ENTRY_PATH, i);

		add(&walk, read_entries(&shard, NULL, now));
		for (size_t k = 0; !walk.stopped && k < shard.count; k++)
			show_file(&walk, dirfd(shard.stream), shard.entries[k].name);
		/* Only who wants everything to be gone asks about files that cannot be swept. */
		errno = shard.left;
		add(&walk, show == NULL && shard.left != 0 ? TLSFO_E_SYSTEM : 0);
		close_shard(&shard);
	}
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
	disk_close(fd);
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

	disk_close(directory->tickets);
	disk_close(directory->paths);
	if (directory->key != NULL)
		wipe_unmap(directory->key, SEAL_KEY_SIZE);
	free(directory);
}

const struct shelf_calls shelf_directory_calls = {
	put, get, remove_record, each, claim, release, free_directory};
