/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "store/disk.h"
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

static int open_shard(
	const struct directory *directory, unsigned int number, struct shard *ret_shard)
{
	const char name[] = {"0123456789abcdef"[number % LIMIT_SHARDS], '\0'};

	/* Opened anew each time: a descriptor that is shared shares the place it reads at. */
	return shard_open(disk_directory(directory->tickets, name), ret_shard);
}

/* Removes what is too much in this shard. */
static void tidy(const struct shard *shard, int64_t now)
{
	struct names names;

	if (shard_names(shard, name_is_ticket, NULL, now, &names) != 0)
		return;
	size_t surplus = limits_choose(names.list, names.count, now);

	for (size_t i = 0; i < surplus; i++)
		shard_remove(shard->fd, names.list[i].text);
	free(names.list);
}

static void tidy_elsewhere(const struct directory *directory, unsigned char draw, int64_t now)
{
	struct shard shard;

	if (draw % TIDY_ELSEWHERE != 0 || open_shard(directory, draw >> 4, &shard) != 0)
		return;
	tidy(&shard, now);
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
	int ret = open_shard(directory, shard_of(&key), &shard);

	if (ret == 0) {
		ret = shard_write(shard.fd, &name, now, sealed, len);
		tidy(&shard, now);
		shard_close(&shard);
		tidy_elsewhere(directory, draw.elsewhere, now);
	}
	free(sealed);
	return ret;
}

/* Looks at what was read as at a ticket: 1 when it is one, 0 when not, or the code of reading. */
static int read_ticket(int found, struct content *content, struct record_ticket *ret_ticket)
{
	if (found != 1 || record_ticket_read(content->record, ret_ticket))
		return found;
	content_clear(content);
	return 0;
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

/* Returns 1 and the ticket, in the content's memory, when @name was one, and nobody else's. */
static int take_one(const struct directory *directory, const struct shard *shard,
	const struct name *name, int64_t now, int64_t slack, struct ticket *ret_ticket)
{
	struct content content;
	struct record_ticket taken;

	if (!name_lives(name, now, 0)) {
		shard_remove(shard->fd, name->text);
		return 0;
	}
	if (!name_lives(name, now, slack))
		return 0;
	int ret = read_ticket(
		shard_take(shard->fd, name, directory->key, &content), &content, &taken);

	if (ret != 1)
		return ret;
	if (!lives(taken.ticket.received, taken.ticket.expires, now, slack)) {
		content_clear(&content);
		return 0;
	}
	*ret_ticket = taken.ticket;
	memmove(content.data, taken.ticket.blob, taken.ticket.blob_len);
	wipe(content.data + taken.ticket.blob_len, content.len - taken.ticket.blob_len);
	ret_ticket->blob = content.data;
	return 1;
}

/* The shard of a peer, which the caller closes, and the peer's names, which the caller frees. */
static int open_peer(const struct directory *directory, const struct peer *peer, int64_t now,
	struct shard *ret_shard, struct names *ret_names)
{
	struct peer_key key;

	peer_key_make(directory->key, peer, &key);
	int ret = open_shard(directory, shard_of(&key), ret_shard);

	if (ret != 0)
		return ret;
	ret = shard_names(ret_shard, name_is_ticket, &key, now, ret_names);
	if (ret != 0)
		shard_close(ret_shard);
	return ret;
}

int directory_take(const struct directory *directory, const struct peer *peer, int64_t now,
	int64_t slack, struct ticket *ret_ticket)
{
	struct shard shard;
	struct names names;
	int ret = open_peer(directory, peer, now, &shard, &names);

	if (ret != 0)
		return ret;
	if (names.count > 1)
		qsort(names.list, names.count, sizeof(*names.list), name_compare);
	for (size_t i = names.count; ret == 0 && i > 0; i--)
		ret = take_one(directory, &shard, &names.list[i - 1], now, slack, ret_ticket);
	free(names.list);
	shard_close(&shard);
	return ret;
}

int directory_count(
	const struct directory *directory, const struct peer *peer, int64_t now, int64_t slack)
{
	struct shard shard;
	struct names names;
	int count = 0;
	int ret = open_peer(directory, peer, now, &shard, &names);

	if (ret != 0)
		return ret;
	for (size_t i = 0; i < names.count; i++)
		count += name_lives(&names.list[i], now, slack);
	free(names.list);
	shard_close(&shard);
	return count;
}

/* All tickets: to be handed on, to be removed when they are of a host, or to be removed whatever they are. */
struct walk {
	const struct directory *directory;
	int64_t now;
	directory_each_fn each; /* or NULL */
	void *userdata;
	const char *host; /* or NULL */
	unsigned int port;
	int stopped; /* by @each, with this */
	struct tally tally;
};

static void remove_one(struct walk *walk, int shard, const struct name *name)
{
	tally_add(&walk->tally, shard_remove(shard, name->text));
}

static void visit(struct walk *walk, int shard, const struct name *name)
{
	struct content content;
	struct record_ticket ticket;
	int found = read_ticket(
		shard_read(shard, name, walk->directory->key, &content), &content, &ticket);

	if (found != 1) {
		tally_add(&walk->tally, found);
		return;
	}
	if (walk->host != NULL) {
		if (strcasecmp(ticket.host, walk->host) == 0 &&
			(walk->port == 0 || ticket.port == walk->port))
			remove_one(walk, shard, name);
	} else if (limits_alive(ticket.ticket.expires, walk->now)) {
		walk->stopped = walk->each(&ticket, walk->userdata);
	}
	content_clear(&content);
}

static void walk_shard(struct walk *walk, unsigned int number)
{
	bool clear = walk->each == NULL && walk->host == NULL;
	struct shard shard;
	struct names names;
	int ret = open_shard(walk->directory, number, &shard);

	tally_add(&walk->tally, ret);
	if (ret != 0)
		return;
	ret = shard_names(&shard, name_is_ticket, NULL, walk->now, &names);
	tally_add(&walk->tally, ret);
	if (ret == 0) {
		for (size_t i = 0; walk->stopped == 0 && i < names.count; i++)
			(clear ? remove_one : visit)(walk, shard.fd, &names.list[i]);
		errno = names.left;
		tally_add(&walk->tally, clear && names.left != 0 ? TLSFO_E_SYSTEM : 0);
		free(names.list);
	}
	shard_close(&shard);
}

static int walk_all(struct walk *walk)
{
	for (unsigned int i = 0; walk->stopped == 0 && i < LIMIT_SHARDS; i++)
		walk_shard(walk, i);
	return walk->stopped != 0 ? walk->stopped : tally_end(&walk->tally);
}

int directory_each(
	const struct directory *directory, int64_t now, directory_each_fn fn, void *userdata)
{
	struct walk walk = {.directory = directory, .now = now, .each = fn, .userdata = userdata};

	return walk_all(&walk);
}

int directory_forget(
	const struct directory *directory, const char *host, unsigned int port, int64_t now)
{
	struct walk walk = {.directory = directory, .now = now, .host = host, .port = port};

	return walk_all(&walk);
}

int directory_clear(const struct directory *directory)
{
	/* At the end of time every file that is being written is left over. */
	struct walk walk = {.directory = directory, .now = INT64_MAX};

	return walk_all(&walk);
}
