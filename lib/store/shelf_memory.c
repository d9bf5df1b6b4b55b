/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/shelf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/forked.h"

#define ROOM_FIRST 8

struct item {
	struct name_key key;
	int64_t received;
	int64_t expires;
	struct content content;
};

/* The records of one kind, the oldest first. */
struct list {
	struct item *items;
	size_t count;
	size_t room;
};

struct memory {
	struct shelf shelf; /* the first member, so that a pointer to it is one to the whole */
	pthread_mutex_t lock;
	struct forked forked;
	bool claimed;
	struct list lists[LIMITS_PATHS + 1];
};

static void drop(struct list *list, size_t at)
{
	content_clear(&list->items[at].content);
	list->count--;
	memmove(&list->items[at], &list->items[at + 1],
		(list->count - at) * sizeof(list->items[0]));
}

static void drop_all(struct list *list)
{
	while (list->count > 0)
		drop(list, list->count - 1);
	free(list->items);
	*list = (struct list){0};
}

/*
 * A child makes the memory its own. A thread that stays behind in the parent may have held the lock, and have
 * left its list half changed; the child then leaves that where it is and begins with another.
 */
static void adopt(struct memory *memory)
{
	if (!forked_is_child(&memory->forked))
		return;
	bool whole = pthread_mutex_trylock(&memory->lock) == 0;

	for (size_t i = 0; i <= LIMITS_PATHS; i++) {
		if (whole)
			drop_all(&memory->lists[i]);
		memory->lists[i] = (struct list){0};
	}
	memory->claimed = false;
	if (whole)
		pthread_mutex_unlock(&memory->lock);
	else
		pthread_mutex_init(&memory->lock, NULL);
	forked_adopt(&memory->forked);
}

static struct memory *lock(struct shelf *shelf)
{
	struct memory *memory = (struct memory *)shelf;

	adopt(memory);
	pthread_mutex_lock(&memory->lock);
	return memory;
}

static void unlock(struct memory *memory)
{
	pthread_mutex_unlock(&memory->lock);
}

static bool is_of(const struct item *item, const struct name_key *key)
{
	return memcmp(&item->key, key, sizeof(*key)) == 0;
}

/* Makes room for one more of @key: those go that are too many then, or dead, or the oldest. */
static void make_room(
	struct list *list, enum limits_kind kind, const struct name_key *key, int64_t now)
{
	bool full = list->count == LIMIT_ALL;
	unsigned int of_key = 0;

	for (size_t i = list->count; i > 0; i--) {
		const struct item *item = &list->items[i - 1];

		if ((is_of(item, key) && ++of_key >= limits_of(kind)->keep) ||
			(full && !limits_alive(kind, item->expires, now, 0)))
			drop(list, i - 1);
	}
	if (list->count == LIMIT_ALL)
		drop(list, 0);
}

static bool grow(struct list *list)
{
	size_t room = list->room == 0 ? ROOM_FIRST : 2 * list->room;

	if (list->count < list->room)
		return true;
	struct item *items = reallocarray(list->items, room, sizeof(*items));

	if (items == NULL)
		return false;
	list->items = items;
	list->room = room;
	return true;
}

static int put(struct shelf *shelf, enum limits_kind kind, const struct name_key *key,
	int64_t received, int64_t expires, struct content *content, int64_t now)
{
	struct memory *memory = lock(shelf);
	struct list *list = &memory->lists[kind];
	size_t at;

	make_room(list, kind, key, now);
	if (!grow(list)) {
		unlock(memory);
		return STORE_E_MEMORY;
	}
	for (at = list->count; at > 0 && list->items[at - 1].received > received; at--)
		list->items[at] = list->items[at - 1];
	list->items[at] = (struct item){*key, received, expires, *content};
	list->count++;
	*content = (struct content){0};
	unlock(memory);
	return 0;
}

static bool will_do(const struct item *item, const struct name_key *key, int64_t now, int64_t slack)
{
	return is_of(item, key) && limits_alive(LIMITS_TICKETS, item->expires, now, slack) &&
	       !limits_future(item->received, now);
}

static int take(struct shelf *shelf, const struct name_key *key, int64_t now, int64_t slack,
	struct content *ret_content)
{
	struct memory *memory = lock(shelf);
	struct list *list = &memory->lists[LIMITS_TICKETS];
	size_t at = list->count;

	while (at > 0 && !will_do(&list->items[at - 1], key, now, slack))
		at--;
	if (at > 0) {
		*ret_content = list->items[at - 1].content;
		list->items[at - 1].content = (struct content){0};
		drop(list, at - 1);
	}
	unlock(memory);
	return at > 0;
}

static int count(struct shelf *shelf, const struct name_key *key, int64_t now, int64_t slack)
{
	struct memory *memory = lock(shelf);
	const struct list *list = &memory->lists[LIMITS_TICKETS];
	int found = 0;

	for (size_t i = 0; i < list->count; i++)
		found += will_do(&list->items[i], key, now, slack);
	unlock(memory);
	return found;
}

/* The place of a path record, or the number of all. */
static size_t find(const struct list *list, const struct name_key *key)
{
	size_t at = 0;

	while (at < list->count && !is_of(&list->items[at], key))
		at++;
	return at;
}

static int look(struct shelf *shelf, const struct name_key *key, struct content *ret_content)
{
	struct memory *memory = lock(shelf);
	const struct list *list = &memory->lists[LIMITS_PATHS];
	size_t at = find(list, key);
	struct writer writer;
	int ret = 0;

	if (at < list->count) {
		struct bytes record = list->items[at].content.record;

		ret = content_new(record.len, ret_content, &writer) ? 1 : STORE_E_MEMORY;
		if (ret == 1)
			writer_bytes(&writer, record.at, record.len);
		if (ret == 1)
			ret_content->record = bytes_of(writer.buf, writer.len);
	}
	unlock(memory);
	return ret;
}

static void remove_record(struct shelf *shelf, const struct name_key *key)
{
	struct memory *memory = lock(shelf);
	struct list *list = &memory->lists[LIMITS_PATHS];
	size_t at = find(list, key);

	if (at < list->count)
		drop(list, at);
	unlock(memory);
}

/* Returns how many were removed; sets @ret_stopped when no more are to be shown. */
static int show_list(struct list *list, shelf_show_fn show, void *userdata, bool *ret_stopped)
{
	int removed = 0;

	for (size_t i = list->count; i > 0 && !*ret_stopped; i--) {
		enum shelf_next next = SHELF_REMOVE;

		if (show != NULL)
			next = show(list->items[i - 1].content.record, userdata);
		if (next == SHELF_REMOVE) {
			drop(list, i - 1);
			removed++;
		}
		*ret_stopped = next == SHELF_STOP;
	}
	return removed;
}

static int each(struct shelf *shelf, int64_t now, shelf_show_fn show, void *userdata)
{
	bool stopped = false;
	int removed = 0;
	int cancel_state;

	(void)now;
	/* A function that is shown records may be where its thread is cancelled: the lock would stay. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	struct memory *memory = lock(shelf);

	for (size_t i = 0; i <= LIMITS_PATHS; i++)
		removed += show_list(&memory->lists[i], show, userdata, &stopped);
	unlock(memory);
	pthread_setcancelstate(cancel_state, NULL);
	return removed;
}

static int claim(struct shelf *shelf)
{
	struct memory *memory = lock(shelf);
	int claim = memory->claimed ? -1 : 0;

	memory->claimed = true;
	unlock(memory);
	return claim;
}

static void release(struct shelf *shelf, int claim)
{
	struct memory *memory = lock(shelf);

	(void)claim;
	memory->claimed = false;
	unlock(memory);
}

static void free_memory(struct shelf *shelf)
{
	struct memory *memory = (struct memory *)shelf;

	adopt(memory);
	for (size_t i = 0; i <= LIMITS_PATHS; i++)
		drop_all(&memory->lists[i]);
	pthread_mutex_destroy(&memory->lock);
	forked_deinit(&memory->forked);
	free(memory);
}

int shelf_memory_new(struct shelf **ret_shelf)
{
	static const struct shelf_calls calls = {
		put, take, count, look, remove_record, each, claim, release, free_memory};
	/* Names in memory are shown to nobody. */
	static const unsigned char no_key[SEAL_KEY_SIZE];
	struct memory *memory = calloc(1, sizeof(*memory));

	if (memory == NULL)
		return STORE_E_MEMORY;
	memory->shelf = (struct shelf){&calls, no_key, true};
	if (!forked_init(&memory->forked)) {
		free(memory);
		return STORE_E_MEMORY;
	}
	if (pthread_mutex_init(&memory->lock, NULL) != 0) {
		forked_deinit(&memory->forked);
		free(memory);
		return STORE_E_MEMORY;
	}
	*ret_shelf = &memory->shelf;
	return 0;
}
