/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/forked.h"

/* Of both kinds. Pages of memory that were never written cost nothing. */
#define ITEMS_MOST (2 * ENTRY_ALL)

struct item {
	enum entry_kind kind;
	struct entry_key key;
	int64_t received;
	int64_t expires;
	struct content content;
};

struct memory {
	struct shelf shelf; /* the first member, so that a pointer to it is one to the whole */
	pthread_mutex_t lock;
	struct forked forked;
	atomic_flag claimed;
	size_t count;
	struct item items[ITEMS_MOST]; /* the oldest first */
};

static void drop(struct memory *memory, size_t at)
{
	content_clear(&memory->items[at].content);
	memory->count--;
	memmove(&memory->items[at], &memory->items[at + 1],
		(memory->count - at) * sizeof(memory->items[0]));
}

/*
 * A child makes the memory its own, and empty. A thread that stays behind in the parent may have held the lock,
 * and have left the list half changed; the child then leaves what is in it where it is.
 */
static void adopt(struct memory *memory)
{
	if (!forked_is_child(&memory->forked))
		return;
	if (pthread_mutex_trylock(&memory->lock) == 0) {
		while (memory->count > 0)
			drop(memory, memory->count - 1);
		pthread_mutex_unlock(&memory->lock);
	}
	memory->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	memory->count = 0;
	atomic_flag_clear(&memory->claimed);
	forked_adopt(&memory->forked);
}

static struct memory *lock(struct shelf *shelf)
{
	struct memory *memory = (struct memory *)shelf;

	adopt(memory);
	pthread_mutex_lock(&memory->lock);
	return memory;
}

static bool is_of(const struct item *item, enum entry_kind kind, const struct entry_key *key)
{
	return item->kind == kind && memcmp(&item->key, key, sizeof(*key)) == 0;
}

static int put(
	struct shelf *shelf, const struct entry_key *key, const struct record *record, int64_t now)
{
	enum entry_kind kind = record->kind == RECORD_TICKET ? ENTRY_TICKET : ENTRY_PATH;
	struct item new = {kind, *key, record->written, record->expires, {0}};
	unsigned int of_key = 0;
	size_t of_kind = 0;

	if (!record_pack(record, &new.content))
		return STORE_E_MEMORY;
	struct memory *memory = lock(shelf);

	/* Those go that are too many with the new one, or dead. */
	for (size_t i = memory->count; i > 0; i--) {
		const struct item *item = &memory->items[i - 1];

		if (item->kind != kind)
			continue;
		if ((is_of(item, kind, key) && ++of_key >= entry_bounds[kind].keep) ||
			!entry_lives(kind, item->expires, now, 0) || ++of_kind == ENTRY_ALL)
			drop(memory, i - 1);
	}
	size_t at = memory->count++;

	for (; at > 0 && memory->items[at - 1].received > new.received; at--)
		memory->items[at] = memory->items[at - 1];
	memory->items[at] = new;
	pthread_mutex_unlock(&memory->lock);
	return 0;
}

static int get(struct shelf *shelf, enum entry_kind kind, const struct entry_key *key, int64_t now,
	int64_t slack, struct record *ret_record)
{
	struct memory *memory = lock(shelf);
	int found = 0;

	for (size_t i = memory->count; i > 0 && (found == 0 || ret_record == NULL); i--) {
		struct item *item = &memory->items[i - 1];

		if (!is_of(item, kind, key) ||
			!entry_is_usable(kind, item->received, item->expires, now, slack))
			continue;
		if (ret_record == NULL) {
			found++;
		} else if (kind == ENTRY_TICKET) {
			found = record_unpack(&item->content, ret_record);
			drop(memory, i - 1);
		} else {
			found = record_read(item->content.record, ret_record);
		}
	}
	pthread_mutex_unlock(&memory->lock);
	return found;
}

static void remove_record(struct shelf *shelf, const struct entry_key *key)
{
	struct memory *memory = lock(shelf);

	for (size_t i = memory->count; i > 0; i--)
		if (is_of(&memory->items[i - 1], ENTRY_PATH, key))
			drop(memory, i - 1);
	pthread_mutex_unlock(&memory->lock);
}

static int each(struct shelf *shelf, int64_t now, shelf_show_fn show, void *userdata)
{
	enum shelf_next next = SHELF_GO_ON;
	struct record record;
	int removed = 0;
	int cancel_state;

	(void)now;
	/* A function that is shown records may be where its thread is cancelled: the lock would stay. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	struct memory *memory = lock(shelf);

	for (size_t i = memory->count; i > 0 && next != SHELF_STOP; i--) {
		next = SHELF_REMOVE;
		if (show != NULL)
			next = record_read(memory->items[i - 1].content.record, &record)
				       ? show(&record, userdata)
				       : SHELF_GO_ON;
		if (next != SHELF_REMOVE)
			continue;
		drop(memory, i - 1);
		removed++;
	}
	pthread_mutex_unlock(&memory->lock);
	pthread_setcancelstate(cancel_state, NULL);
	return removed;
}

static int claim(struct shelf *shelf)
{
	struct memory *memory = (struct memory *)shelf;

	adopt(memory);
	return atomic_flag_test_and_set(&memory->claimed) ? -1 : 0;
}

static void release(struct shelf *shelf, int claim)
{
	(void)claim;
	atomic_flag_clear(&((struct memory *)shelf)->claimed);
}

static void free_memory(struct shelf *shelf)
{
	struct memory *memory = (struct memory *)shelf;

	adopt(memory);
	while (memory->count > 0)
		drop(memory, memory->count - 1);
	pthread_mutex_destroy(&memory->lock);
	forked_deinit(&memory->forked);
	free(memory);
}

struct shelf *shelf_memory_new(void)
{
	static const struct shelf_calls calls = {
		put, get, remove_record, each, claim, release, free_memory};
	/* Names in memory are shown to nobody. */
	static const unsigned char no_key[SEAL_KEY_SIZE];
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL || !forked_init(&memory->forked)) {
		free(memory);
		return NULL;
	}
	memory->shelf = (struct shelf){&calls, no_key, true};
	memory->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	atomic_flag_clear(&memory->claimed);
	return &memory->shelf;
}
