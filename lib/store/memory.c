/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/memory.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlsfo/error.h>

#include "base/forked.h"
#include "base/wipe.h"
#include "store/limits.h"
#include "store/random.h"

struct item {
	struct peer_key key;
	struct record_ticket *kept; /* the blob is its own */
};

struct memory {
	pthread_mutex_t lock;
	int cancel_state; /* of the thread that holds the lock, before */
	struct forked forked;
	unsigned char key[32]; /* so that names are made as for a directory */
	size_t count;
	struct item items[LIMIT_ALL]; /* the oldest first */
};

static void kept_free(struct record_ticket *kept)
{
	if (kept == NULL)
		return;
	ticket_clear(&kept->ticket);
	wipe_free(kept, sizeof(*kept));
}

static void drop(struct memory *memory, size_t at)
{
	kept_free(memory->items[at].kept);
	memory->count--;
	memmove(&memory->items[at], &memory->items[at + 1],
		(memory->count - at) * sizeof(memory->items[0]));
}

static void drop_all(struct memory *memory)
{
	while (memory->count > 0)
		drop(memory, memory->count - 1);
}

int memory_new(struct memory **ret_memory)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return STORE_E_MEMORY;
	if (!random_bytes(memory->key, sizeof(memory->key))) {
		free(memory);
		return TLSFO_E_SYSTEM;
	}
	if (!forked_init(&memory->forked)) {
		wipe_free(memory, sizeof(*memory));
		return STORE_E_MEMORY;
	}
	if (pthread_mutex_init(&memory->lock, NULL) != 0) {
		forked_deinit(&memory->forked);
		wipe_free(memory, sizeof(*memory));
		return STORE_E_MEMORY;
	}
	*ret_memory = memory;
	return 0;
}

/*
 * A thread that stays behind in the parent may have held the lock. What it was changing is then in pieces
 * and is left alone, which loses this memory, but no more.
 */
static void become_child(struct memory *memory)
{
	if (pthread_mutex_trylock(&memory->lock) == 0) {
		drop_all(memory);
		pthread_mutex_unlock(&memory->lock);
	} else {
		memory->count = 0;
		pthread_mutex_init(&memory->lock, NULL);
	}
	forked_adopt(&memory->forked);
}

static void lock(struct memory *memory)
{
	int cancel_state;

	if (forked_is_child(&memory->forked))
		become_child(memory);
	/* The caller's function, which is called for each entry, may be where a thread is cancelled: the lock
	 * would stay. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	pthread_mutex_lock(&memory->lock);
	memory->cancel_state = cancel_state;
}

static void unlock(struct memory *memory)
{
	int cancel_state = memory->cancel_state;

	pthread_mutex_unlock(&memory->lock);
	pthread_setcancelstate(cancel_state, NULL);
}

void memory_free(struct memory *memory)
{
	if (memory == NULL)
		return;
	if (forked_is_child(&memory->forked))
		become_child(memory);
	drop_all(memory);
	pthread_mutex_destroy(&memory->lock);
	forked_deinit(&memory->forked);
	wipe_free(memory, sizeof(*memory));
}

static struct record_ticket *keep(const struct peer *peer, const struct ticket *ticket)
{
	struct record_ticket *kept = calloc(1, sizeof(*kept));
	unsigned char *blob = malloc(ticket->blob_len);

	if (kept == NULL || blob == NULL) {
		free(kept);
		free(blob);
		return NULL;
	}
	memcpy(blob, ticket->blob, ticket->blob_len);
	kept->ticket = *ticket;
	kept->ticket.blob = blob;
	strcpy(kept->host, peer->host);
	kept->port = peer->port;
	kept->is_verified = peer->verified != NULL;
	if (kept->is_verified)
		strcpy(kept->verified, peer->verified);
	return kept;
}

static bool is_of(const struct item *item, const struct peer_key *key)
{
	return memcmp(&item->key, key, sizeof(*key)) == 0;
}

static void drop_dead(struct memory *memory, int64_t now)
{
	for (size_t i = memory->count; i > 0; i--)
		if (!limits_alive(memory->items[i - 1].kept->ticket.expires, now))
			drop(memory, i - 1);
}

/* Makes room for one more of this peer. */
static void make_room(struct memory *memory, const struct peer_key *key)
{
	size_t of_peer = 0;

	for (size_t i = memory->count; i > 0; i--)
		if (is_of(&memory->items[i - 1], key) && ++of_peer >= LIMIT_PEER)
			drop(memory, i - 1);
	if (memory->count == LIMIT_ALL)
		drop(memory, 0);
}

static void insert(struct memory *memory, const struct peer_key *key, struct record_ticket *kept)
{
	size_t at = memory->count;

	while (at > 0 && memory->items[at - 1].kept->ticket.received > kept->ticket.received)
		at--;
	memmove(&memory->items[at + 1], &memory->items[at],
		(memory->count - at) * sizeof(memory->items[0]));
	memory->items[at] = (struct item){.key = *key, .kept = kept};
	memory->count++;
}

int memory_put(
	struct memory *memory, const struct peer *peer, const struct ticket *ticket, int64_t now)
{
	struct record_ticket *kept = keep(peer, ticket);
	struct peer_key key;

	if (kept == NULL)
		return STORE_E_MEMORY;
	lock(memory);
	peer_key_make(memory->key, peer, &key);
	if (memory->count == LIMIT_ALL)
		drop_dead(memory, now);
	make_room(memory, &key);
	insert(memory, &key, kept);
	unlock(memory);
	return 0;
}

static bool will_do(const struct item *item, const struct peer_key *key, int64_t now, int64_t slack)
{
	const struct ticket *ticket = &item->kept->ticket;

	return is_of(item, key) && limits_alive(ticket->expires, now) &&
	       ticket->expires - now >= slack && !limits_future(ticket->received, now);
}

/* The place of the newest ticket that will do, or the count when there is none. */
static size_t find(
	const struct memory *memory, const struct peer_key *key, int64_t now, int64_t slack)
{
	for (size_t i = memory->count; i > 0; i--)
		if (will_do(&memory->items[i - 1], key, now, slack))
			return i - 1;
	return memory->count;
}

int memory_take(struct memory *memory, const struct peer *peer, int64_t now, int64_t slack,
	struct ticket *ret_ticket)
{
	struct peer_key key;

	lock(memory);
	peer_key_make(memory->key, peer, &key);
	size_t at = find(memory, &key, now, slack);
	bool found = at < memory->count;

	if (found) {
		struct ticket *ticket = &memory->items[at].kept->ticket;

		*ret_ticket = *ticket;
		*ticket = (struct ticket){0};
		drop(memory, at);
	}
	unlock(memory);
	return found;
}

int memory_count(struct memory *memory, const struct peer *peer, int64_t now, int64_t slack)
{
	struct peer_key key;
	int count = 0;

	lock(memory);
	peer_key_make(memory->key, peer, &key);
	for (size_t i = 0; i < memory->count; i++)
		count += will_do(&memory->items[i], &key, now, slack);
	unlock(memory);
	return count;
}

int memory_each(struct memory *memory, int64_t now, memory_each_fn fn, void *userdata)
{
	int ret = 0;

	lock(memory);
	for (size_t i = 0; ret == 0 && i < memory->count; i++)
		if (limits_alive(memory->items[i].kept->ticket.expires, now))
			ret = fn(memory->items[i].kept, userdata);
	unlock(memory);
	return ret;
}

int memory_forget(struct memory *memory, const char *host, unsigned int port)
{
	int removed = 0;

	lock(memory);
	for (size_t i = memory->count; i > 0; i--) {
		const struct record_ticket *kept = memory->items[i - 1].kept;

		if (strcasecmp(kept->host, host) != 0 || (port != 0 && kept->port != port))
			continue;
		drop(memory, i - 1);
		removed++;
	}
	unlock(memory);
	return removed;
}

int memory_clear(struct memory *memory)
{
	lock(memory);
	int removed = (int)memory->count;

	drop_all(memory);
	unlock(memory);
	return removed;
}
