/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/forked.h"
#include "store/limits.h"

#define ROOM_FIRST 8

struct item {
	struct peer_key key;
	struct path_record record;
};

struct path_memory {
	pthread_mutex_t lock;
	int cancel_state; /* of the thread that holds the lock, before */
	struct forked forked;
	struct item *items;
	size_t count;
	size_t room;
};

struct path_memory *path_memory_new(void)
{
	struct path_memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return NULL;
	if (!forked_init(&memory->forked)) {
		free(memory);
		return NULL;
	}
	if (pthread_mutex_init(&memory->lock, NULL) == 0)
		return memory;
	forked_deinit(&memory->forked);
	free(memory);
	return NULL;
}

/*
 * A thread that stays behind in the parent may have held the lock. What it was changing is then in pieces
 * and is left alone, which loses this memory, but no more.
 */
static void adopt(struct path_memory *memory)
{
	if (!forked_is_child(&memory->forked))
		return;
	if (pthread_mutex_trylock(&memory->lock) == 0) {
		free(memory->items);
		pthread_mutex_unlock(&memory->lock);
	} else {
		pthread_mutex_init(&memory->lock, NULL);
	}
	memory->count = 0;
	memory->room = 0;
	memory->items = NULL;
	forked_adopt(&memory->forked);
}

void path_memory_free(struct path_memory *memory)
{
	if (memory == NULL)
		return;
	adopt(memory);
	pthread_mutex_destroy(&memory->lock);
	forked_deinit(&memory->forked);
	free(memory->items);
	free(memory);
}

void path_memory_lock(struct path_memory *memory)
{
	int cancel_state;

	adopt(memory);
	/* The caller's function, which is called for each record, may be where a thread is cancelled: the lock
	 * would stay. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	pthread_mutex_lock(&memory->lock);
	memory->cancel_state = cancel_state;
}

void path_memory_unlock(struct path_memory *memory)
{
	int cancel_state = memory->cancel_state;

	pthread_mutex_unlock(&memory->lock);
	pthread_setcancelstate(cancel_state, NULL);
}

static struct item *find(const struct path_memory *memory, const struct peer_key *key)
{
	for (size_t i = 0; i < memory->count; i++)
		if (memcmp(&memory->items[i].key, key, sizeof(*key)) == 0)
			return &memory->items[i];
	return NULL;
}

bool path_memory_get(
	struct path_memory *memory, const struct peer_key *key, struct path_record *ret_record)
{
	const struct item *item = find(memory, key);

	if (item != NULL)
		*ret_record = item->record;
	return item != NULL;
}

static struct item *oldest(const struct path_memory *memory)
{
	struct item *found = &memory->items[0];

	for (size_t i = 1; i < memory->count; i++)
		if (memory->items[i].record.written < found->record.written)
			found = &memory->items[i];
	return found;
}

/* One more, or the oldest when there are as many as there may be. */
static struct item *add(struct path_memory *memory)
{
	if (memory->count == LIMIT_PATHS)
		return oldest(memory);
	if (memory->count == memory->room) {
		size_t room = memory->room == 0 ? ROOM_FIRST : 2 * memory->room;
		struct item *items = reallocarray(memory->items, room, sizeof(*items));

		if (items == NULL)
			return NULL;
		memory->items = items;
		memory->room = room;
	}
	return &memory->items[memory->count++];
}

bool path_memory_put(
	struct path_memory *memory, const struct peer_key *key, const struct path_record *record)
{
	struct item *item = find(memory, key);

	if (item == NULL)
		item = add(memory);
	if (item == NULL)
		return false;
	*item = (struct item){.key = *key, .record = *record};
	return true;
}

bool path_memory_remove(struct path_memory *memory, const struct peer_key *key)
{
	struct item *item = find(memory, key);

	if (item == NULL)
		return false;
	*item = memory->items[--memory->count];
	return true;
}

const struct path_record *path_memory_at(
	const struct path_memory *memory, size_t at, struct peer_key *ret_key)
{
	if (at >= memory->count)
		return NULL;
	*ret_key = memory->items[at].key;
	return &memory->items[at].record;
}
