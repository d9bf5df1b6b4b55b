/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "store/code.h"
#include "store/limits.h"
#include "store/name.h"
#include "store/random.h"
#include "store/shard.h"

/* One put in so many looks after another shard, too, so that none is forgotten. */
#define TIDY_ELSEWHERE 8

/* What one put draws. */
struct draw {
	unsigned char salt[SEAL_SALT_SIZE];
	unsigned char name[NAME_RANDOM_SIZE];
	unsigned char elsewhere; /* whether, and where */
};

static unsigned int shard_of(const struct peer_key *key)
{
	return key->bytes[0] >> 4;
}

static void tidy_elsewhere(const struct directory *directory, unsigned char draw, int64_t now)
{
	struct shard shard;

	if (draw % TIDY_ELSEWHERE != 0 || shard_open(directory->tickets, draw >> 4, &shard) != 0)
		return;
	shard_tidy(&shard, now);
	shard_close(&shard);
}

/* The sealed file of a ticket; the caller frees it. NULL: no memory. */
static unsigned char *seal_ticket(const struct directory *directory, const struct peer *peer,
	const struct ticket *ticket, const struct draw *draw, const struct name *name,
	size_t *ret_len)
{
	size_t room = record_ticket_size(ticket);
	unsigned char *sealed = malloc(room + SEAL_OVERHEAD);
	struct writer writer;

	if (sealed == NULL)
		return NULL;
	writer_init(&writer, sealed + SEAL_HEAD, room);
	record_ticket_write(&writer, peer, ticket);
	seal_close(directory->key, name->text, draw->salt, sealed, writer.len);
	*ret_len = writer.len + SEAL_OVERHEAD;
	return sealed;
}

int directory_put(const struct directory *directory, const struct peer *peer,
	const struct ticket *ticket, int64_t now)
{
	struct draw draw;
	struct peer_key key;
	struct name name;
	struct shard shard;
	size_t len = 0;

	if (!random_bytes(&draw, sizeof(draw)))
		return TLSFO_E_SYSTEM;
	peer_key_make(directory->key, peer, &key);
	name_ticket(&key, ticket->received < now ? ticket->received : now, clock_us(),
		ticket->expires, draw.name, &name);
	unsigned char *sealed = seal_ticket(directory, peer, ticket, &draw, &name, &len);

	if (sealed == NULL)
		return STORE_E_MEMORY;
	int ret = shard_open(directory->tickets, shard_of(&key), &shard);

	if (ret == 0) {
		ret = shard_write(&shard, &name, now, sealed, len);
		shard_tidy(&shard, now);
		shard_close(&shard);
		tidy_elsewhere(directory, draw.elsewhere, now);
	}
	free(sealed);
	return ret;
}

/* Makes the content's memory that of the ticket's blob. */
static void move_ticket(struct content *content, struct ticket *ret_ticket)
{
	struct ticket ticket = content->ticket.ticket;

	memmove(content->data, ticket.blob, ticket.blob_len);
	wipe(content->data + ticket.blob_len, content->len - ticket.blob_len);
	ticket.blob = content->data;
	wipe(content, sizeof(*content));
	*ret_ticket = ticket;
}

static bool lives(int64_t received, int64_t expires, int64_t now, int64_t slack)
{
	return limits_alive(expires, now) && expires - now >= slack &&
	       !limits_future(received, now);
}

static bool name_lives(const struct name *name, int64_t now, int64_t slack)
{
	return lives(name_received(name), name_expires(name), now, slack);
}

/* Returns 1 and the ticket when @name was one, and nobody else's. */
static int take_one(const struct directory *directory, const struct shard *shard,
	const struct name *name, int64_t now, int64_t slack, struct ticket *ret_ticket)
{
	struct content content;

	if (!name_lives(name, now, 0)) {
		shard_remove(shard, name);
		return 0;
	}
	if (!name_lives(name, now, slack))
		return 0;
	int ret = shard_take(shard, name, directory->key, &content);

	if (ret != SHARD_TICKET)
		return ret;
	const struct ticket *ticket = &content.ticket.ticket;

	if (!lives(ticket->received, ticket->expires, now, slack)) {
		content_clear(&content);
		return 0;
	}
	move_ticket(&content, ret_ticket);
	return 1;
}

int directory_take(const struct directory *directory, const struct peer *peer, int64_t now,
	int64_t slack, struct ticket *ret_ticket)
{
	struct peer_key key;
	struct shard shard;
	struct names names;

	peer_key_make(directory->key, peer, &key);
	int ret = shard_open(directory->tickets, shard_of(&key), &shard);

	if (ret != 0)
		return ret;
	ret = shard_names(&shard, &key, now, &names);
	if (ret == 0) {
		if (names.count > 1)
			qsort(names.list, names.count, sizeof(*names.list), name_compare);
		for (size_t i = names.count; ret == 0 && i > 0; i--)
			ret = take_one(
				directory, &shard, &names.list[i - 1], now, slack, ret_ticket);
		free(names.list);
	}
	shard_close(&shard);
	return ret;
}

int directory_count(
	const struct directory *directory, const struct peer *peer, int64_t now, int64_t slack)
{
	struct peer_key key;
	struct shard shard;
	struct names names;
	int count = 0;

	peer_key_make(directory->key, peer, &key);
	int ret = shard_open(directory->tickets, shard_of(&key), &shard);

	if (ret != 0)
		return ret;
	ret = shard_names(&shard, &key, now, &names);
	shard_close(&shard);
	if (ret != 0)
		return ret;
	for (size_t i = 0; i < names.count; i++)
		count += name_lives(&names.list[i], now, slack);
	free(names.list);
	return count;
}

/* One name after another, of all shards. */
struct walk {
	const struct directory *directory;
	int64_t now;
	/* 0: go on. */
	int (*visit)(struct walk *walk, const struct shard *shard, const struct name *name);
	directory_each_fn each;
	void *userdata;
	const char *host;
	unsigned int port;
	int removed;
};

static int walk_shard(struct walk *walk, unsigned int number)
{
	struct shard shard;
	struct names names;
	int ret = shard_open(walk->directory->tickets, number, &shard);

	if (ret != 0)
		return ret;
	ret = shard_names(&shard, NULL, walk->now, &names);
	if (ret == 0) {
		for (size_t i = 0; ret == 0 && i < names.count; i++)
			ret = walk->visit(walk, &shard, &names.list[i]);
		free(names.list);
	}
	shard_close(&shard);
	return ret;
}

static int walk_all(struct walk *walk)
{
	int ret = 0;

	for (unsigned int i = 0; ret == 0 && i < LIMIT_SHARDS; i++)
		ret = walk_shard(walk, i);
	return ret;
}

static int visit_each(struct walk *walk, const struct shard *shard, const struct name *name)
{
	struct content content;
	int ret = shard_read(shard, name, walk->directory->key, &content);

	if (ret != SHARD_TICKET)
		return ret;
	ret = 0;
	if (limits_alive(content.ticket.ticket.expires, walk->now))
		ret = walk->each(&content.ticket, walk->userdata);
	content_clear(&content);
	return ret;
}

int directory_each(
	const struct directory *directory, int64_t now, directory_each_fn fn, void *userdata)
{
	struct walk walk = {.directory = directory,
		.now = now,
		.visit = visit_each,
		.each = fn,
		.userdata = userdata};

	return walk_all(&walk);
}

static int visit_forget(struct walk *walk, const struct shard *shard, const struct name *name)
{
	struct content content;
	int ret = shard_read(shard, name, walk->directory->key, &content);

	if (ret != SHARD_TICKET)
		return ret;
	if (strcasecmp(content.ticket.host, walk->host) == 0 &&
		(walk->port == 0 || content.ticket.port == walk->port))
		walk->removed += shard_remove(shard, name);
	content_clear(&content);
	return 0;
}

int directory_forget(
	const struct directory *directory, const char *host, unsigned int port, int64_t now)
{
	struct walk walk = {.directory = directory,
		.now = now,
		.visit = visit_forget,
		.host = host,
		.port = port};
	int ret = walk_all(&walk);

	return ret < 0 ? ret : walk.removed;
}

static int visit_clear(struct walk *walk, const struct shard *shard, const struct name *name)
{
	walk->removed += shard_remove(shard, name);
	return 0;
}

int directory_clear(const struct directory *directory, int64_t now)
{
	struct walk walk = {.directory = directory, .now = now, .visit = visit_clear};
	int ret = walk_all(&walk);

	return ret < 0 ? ret : walk.removed;
}
