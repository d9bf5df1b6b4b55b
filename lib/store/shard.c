/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/wipe.h"
#include "store/disk.h"
#include "store/limits.h"
#include "store/random.h"
#include "store/record.h"
#include "store/seal.h"

#define ROOM_FIRST  32
#define SEALED_MOST (RECORD_TICKET_MAX + SEAL_OVERHEAD)

void tally_add(struct tally *tally, int result)
{
	if (result >= 0) {
		tally->removed += result;
	} else if (tally->failed == 0) {
		tally->failed = result;
		tally->error = errno;
	}
}

int tally_end(const struct tally *tally)
{
	if (tally->failed == 0)
		return tally->removed;
	errno = tally->error;
	return tally->failed;
}

int shard_open(int fd, struct shard *ret_shard)
{
	if (fd < 0)
		return TLSFO_E_SYSTEM;
	ret_shard->fd = fd;
	ret_shard->stream = fdopendir(fd);
	if (ret_shard->stream != NULL)
		return 0;
	/* Told before close(), which may set another errno. */
	int ret = errno == ENOMEM ? STORE_E_MEMORY : TLSFO_E_SYSTEM;
	close(fd);
	return ret;
}

void shard_close(struct shard *shard)
{
	closedir(shard->stream);
}

static bool names_add(struct names *names, const char *text)
{
	if (names->count == names->room) {
		size_t room = names->room == 0 ? ROOM_FIRST : 2 * names->room;
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
	if (text[0] == '.')
		return strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
	return name_is_new(text) && !limits_stale(name_since(text), now);
}

int shard_names(const struct shard *shard, bool (*belongs)(const char *name),
	const struct peer_key *peer, int64_t now, struct names *ret_names)
{
	struct names names = {0};
	struct dirent *entry;
	int ret = 0;

	/* Some systems show what was there when the directory was opened. */
	rewinddir(shard->stream);
	/* At the end readdir(3) leaves errno alone. */
	while (ret == 0 && (errno = 0, entry = readdir(shard->stream)) != NULL) {
		if (belongs(entry->d_name)) {
			if (peer == NULL || name_is_of(entry->d_name, peer))
				ret = names_add(&names, entry->d_name) ? 0 : STORE_E_MEMORY;
		} else if (!is_kept(entry->d_name, now) &&
			   shard_remove(shard->fd, entry->d_name) < 0) {
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

int shard_write(int fd, const struct name *name, int64_t now, const void *sealed, size_t len)
{
	unsigned char random[NAME_RANDOM_SIZE];
	struct name beside;

	if (!random_bytes(random, sizeof(random)))
		return TLSFO_E_SYSTEM;
	name_new(now, random, &beside);
	if (!disk_write(fd, beside.text, sealed, len))
		return TLSFO_E_SYSTEM;
	if (renameat(fd, beside.text, fd, name->text) == 0)
		return 0;
	unlinkat(fd, beside.text, 0);
	return TLSFO_E_SYSTEM;
}

/* 0 or 1 as for reading, or a code. */
static int read_content(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content)
{
	struct content content = {0};
	struct stat found;

	if (fstat(fd, &found) < 0 || disk_fault(&found, S_IFREG, 0) != NULL || found.st_size <= 0 ||
		found.st_size > SEALED_MOST)
		return 0;
	content.len = (size_t)found.st_size;
	content.data = malloc(content.len);
	if (content.data == NULL)
		return STORE_E_MEMORY;
	ssize_t len = disk_read(fd, content.data, content.len);

	if (len == (ssize_t)content.len &&
		seal_open(key, name->text, content.data, content.len, &content.record)) {
		*ret_content = content;
		return 1;
	}
	content_clear(&content);
	return len < 0 ? TLSFO_E_SYSTEM : 0;
}

/* Why a file could not be opened that is none of ours, or no longer there. */
static bool is_nothing(int error)
{
	return error == ENOENT || error == ELOOP || error == ENXIO;
}

int shard_read(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content)
{
	int file = disk_open(fd, name->text);

	if (file < 0)
		return is_nothing(errno) ? 0 : TLSFO_E_SYSTEM;
	int ret = read_content(file, name, key, ret_content);

	close(file);
	return ret;
}

/* Did opening fail for want of something that may be there the next time? */
static bool is_passing(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR;
}

int shard_take(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content)
{
	int file = disk_open(fd, name->text);

	if (file < 0 && is_passing(errno))
		return TLSFO_E_SYSTEM;
	/* What cannot be opened is a symbolic link or no longer there. */
	int ret = shard_remove(fd, name->text);

	if (ret == 1)
		ret = file >= 0 ? read_content(file, name, key, ret_content) : 0;
	if (file >= 0)
		close(file);
	return ret;
}

int shard_remove(int fd, const char *name)
{
	if (unlinkat(fd, name, 0) == 0)
		return 1;
	/* A directory is nothing of ours. */
	return errno == ENOENT || errno == EISDIR ? 0 : TLSFO_E_SYSTEM;
}

void content_clear(struct content *content)
{
	wipe_free(content->data, content->len);
	wipe(content, sizeof(*content));
}
