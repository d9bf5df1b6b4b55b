/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/wipe.h"
#include "store/code.h"
#include "store/directory.h"
#include "store/disk.h"
#include "store/limits.h"
#include "store/random.h"
#include "store/seal.h"

#define ROOM_FIRST  32
#define SEALED_MOST (RECORD_TICKET_MAX + SEAL_OVERHEAD)

int directory_shard(int tickets, unsigned int shard)
{
	const char name[] = {"0123456789abcdef"[shard % LIMIT_SHARDS], '\0'};

	return disk_directory(tickets, name);
}

int shard_open(int tickets, unsigned int number, struct shard *ret_shard)
{
	/* Opened anew each time: a descriptor that is shared shares the place it reads at. */
	int fd = directory_shard(tickets, number);

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
	memcpy(names->list[names->count++].text, text, NAME_SIZE);
	return true;
}

static bool is_kept(const char *text, int64_t now)
{
	if (text[0] == '.')
		return strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
	return name_is_new(text) && !limits_stale(name_since(text), now);
}

int shard_names(const struct shard *shard, const struct peer_key *peer, int64_t now,
	struct names *ret_names)
{
	struct names names = {0};
	struct dirent *entry;

	/* Some systems show what was there when the directory was opened. */
	rewinddir(shard->stream);
	while ((entry = readdir(shard->stream)) != NULL) {
		if (!name_is_ticket(entry->d_name)) {
			if (!is_kept(entry->d_name, now))
				unlinkat(shard->fd, entry->d_name, 0);
			continue;
		}
		if (peer != NULL && !name_is_of(entry->d_name, peer))
			continue;
		if (!names_add(&names, entry->d_name)) {
			free(names.list);
			return STORE_E_MEMORY;
		}
	}
	*ret_names = names;
	return 0;
}

int shard_write(const struct shard *shard, const struct name *name, int64_t now, const void *sealed,
	size_t len)
{
	unsigned char random[NAME_RANDOM_SIZE];
	struct name beside;

	if (!random_bytes(random, sizeof(random)))
		return TLSFO_E_SYSTEM;
	name_new(now, random, &beside);
	if (!disk_write(shard->fd, beside.text, sealed, len))
		return TLSFO_E_SYSTEM;
	if (renameat(shard->fd, beside.text, shard->fd, name->text) == 0)
		return 0;
	unlinkat(shard->fd, beside.text, 0);
	return TLSFO_E_SYSTEM;
}

/* Did opening fail for want of something that may be there the next time? */
static bool is_passing(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR;
}

static int read_content(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content)
{
	struct content content = {0};
	struct stat found;
	struct bytes record;

	if (fstat(fd, &found) < 0 || disk_fault(&found, S_IFREG, 0) != NULL || found.st_size <= 0 ||
		found.st_size > SEALED_MOST)
		return SHARD_NOTHING;
	content.len = (size_t)found.st_size;
	content.data = malloc(content.len);
	if (content.data == NULL)
		return STORE_E_MEMORY;
	if (disk_read(fd, content.data, content.len) == (ssize_t)content.len &&
		seal_open(key, name->text, content.data, content.len, &record) &&
		record_ticket_read(record, &content.ticket)) {
		*ret_content = content;
		return SHARD_TICKET;
	}
	content_clear(&content);
	return SHARD_NOTHING;
}

int shard_read(const struct shard *shard, const struct name *name, const unsigned char *key,
	struct content *ret_content)
{
	int fd = disk_open(shard->fd, name->text);

	if (fd < 0)
		return is_passing(errno) ? TLSFO_E_SYSTEM : SHARD_NOTHING;
	int ret = read_content(fd, name, key, ret_content);

	close(fd);
	return ret;
}

int shard_take(const struct shard *shard, const struct name *name, const unsigned char *key,
	struct content *ret_content)
{
	int fd = disk_open(shard->fd, name->text);
	int ret = SHARD_NOTHING;

	if (fd < 0 && is_passing(errno))
		return TLSFO_E_SYSTEM;
	/* What cannot be opened is a symbolic link or no longer there; a directory is not removed. */
	if (unlinkat(shard->fd, name->text, 0) < 0)
		ret = errno == ENOENT || errno == EISDIR ? SHARD_NOTHING : TLSFO_E_SYSTEM;
	else if (fd >= 0)
		ret = read_content(fd, name, key, ret_content);
	if (fd >= 0)
		close(fd);
	return ret;
}

bool shard_remove(const struct shard *shard, const struct name *name)
{
	return unlinkat(shard->fd, name->text, 0) == 0;
}

void shard_tidy(const struct shard *shard, int64_t now)
{
	struct names names;

	if (shard_names(shard, NULL, now, &names) != 0 || names.count == 0)
		return;
	size_t surplus = limits_choose(names.list, names.count, now);

	for (size_t i = 0; i < surplus; i++)
		shard_remove(shard, &names.list[i]);
	free(names.list);
}

void content_clear(struct content *content)
{
	wipe_free(content->data, content->len);
	wipe(content, sizeof(*content));
}
