/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "store/limits.h"
#include "store/path_directory.h"

/* Names in memory are shown to nobody. */
static const unsigned char no_key[SEAL_KEY_SIZE];

static void lock(const struct path_store *store)
{
	if (store->memory != NULL)
		path_memory_lock(store->memory);
}

static void unlock(const struct path_store *store)
{
	if (store->memory != NULL)
		path_memory_unlock(store->memory);
}

static struct peer_key key_of(const struct path_store *store, const struct path_record *record)
{
	struct peer_key key;

	path_key_make(store->memory != NULL ? no_key : store->directory->key, record, &key);
	return key;
}

/* Completes a record of which is said what it is about. Its expiry is that of no later time. */
static bool get(const struct path_store *store, int64_t now, struct path_record *record)
{
	const struct peer_key key = key_of(store, record);
	struct path_record found;
	struct name name;
	bool ok;

	name_path(&key, &name);
	ok = store->memory != NULL ? path_memory_get(store->memory, &key, &found)
				   : path_directory_get(store->directory, &name, &found) > 0;
	/* What names it is sealed with it, but costs nothing to be looked at. */
	if (!ok || found.kind != record->kind || found.expires <= now ||
		limits_future(found.written, now))
		return false;
	*record = found;
	return true;
}

static bool put(const struct path_store *store, int64_t now, struct path_record *record)
{
	const struct peer_key key = key_of(store, record);
	struct name name;

	record->written = now;
	record->expires = record->kind == RECORD_HOST ? now + PATH_HOST_LIFE
						      : path_expires(&record->failing.state);
	name_path(&key, &name);
	return store->memory != NULL ? path_memory_put(store->memory, &key, record)
				     : path_directory_put(store->directory, &name, record, now);
}

static void drop(const struct path_store *store, const struct path_record *record)
{
	const struct peer_key key = key_of(store, record);
	struct name name;

	name_path(&key, &name);
	if (store->memory != NULL)
		path_memory_remove(store->memory, &key);
	else
		shard_remove(store->directory->paths, name.text);
}

static struct path_record record_of(
	enum record_kind kind, const struct path_address *address, const char *host)
{
	struct path_record record = {.kind = kind, .address = *address, .rtt_us = -1};

	if (strlen(host) <= RECORD_NAME_MAX)
		strcpy(record.host, host);
	return record;
}

/* The two records that speak of a place. */
struct pair {
	struct path_record destination;
	struct path_record network;
	bool destination_known;
	bool network_known;
};

static void get_pair(const struct path_store *store, const struct path_place *place, int64_t now,
	struct pair *ret_pair)
{
	*ret_pair = (struct pair){
		.destination = record_of(RECORD_PATH, &place->destination, place->host),
		.network = record_of(RECORD_NETWORK, &place->network, ""),
	};
	ret_pair->destination_known = get(store, now, &ret_pair->destination);
	ret_pair->network_known = place->network.family != 0 && get(store, now, &ret_pair->network);
}

bool path_store_knows_networks(const struct path_store *store)
{
	const struct path_record *record;
	struct peer_key key;
	bool found = false;

	/* To look would cost a directory more than a route does. */
	if (store->memory == NULL)
		return true;
	lock(store);
	for (size_t at = 0; !found && (record = path_memory_at(store->memory, at, &key)) != NULL;
		at++)
		found = record->kind == RECORD_NETWORK;
	unlock(store);
	return found;
}

static enum path_advice advise(const struct pair *pair, int64_t now)
{
	enum path_advice here = path_advise(&pair->destination.failing.state, now);
	enum path_advice from = path_advise(&pair->network.failing.state, now);

	return here > from ? here : from;
}

enum path_advice path_store_advise(const struct path_store *store, const struct path_place *place,
	int64_t now, bool *ret_known)
{
	struct pair pair;

	lock(store);
	get_pair(store, place, now, &pair);
	unlock(store);
	*ret_known = pair.destination_known || pair.network_known;
	return advise(&pair, now);
}

/* Marks what is due as being probed. False: that cannot be written, and everybody would probe. */
static bool mark(const struct path_store *store, struct path_record *record, int64_t now)
{
	struct path_state *state = &record->failing.state;

	if (path_advise(state, now) != PATH_PROBE)
		return true;
	path_probe_begin(state, now);
	return put(store, now, record);
}

static bool probe(const struct path_store *store, const struct path_place *place, int64_t now)
{
	struct pair pair;

	get_pair(store, place, now, &pair);
	return advise(&pair, now) != PATH_AVOID && mark(store, &pair.destination, now) &&
	       mark(store, &pair.network, now);
}

bool path_store_probe(const struct path_store *store, const struct path_place *place, int64_t now)
{
	int cancel_state;
	bool ours = false;

	lock(store);
	/* A thread that is cancelled while it reads or writes would leave the claim, and the descriptor. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int claim = store->memory == NULL ? path_directory_claim(store->directory) : -1;

	/* Who has claimed it may well be about to probe the same. */
	if (store->memory != NULL || claim >= 0)
		ours = probe(store, place, now);
	if (claim >= 0)
		path_directory_release(claim);
	pthread_setcancelstate(cancel_state, NULL);
	unlock(store);
	return ours;
}

static void unmark(const struct path_store *store, struct path_record *record, int64_t now)
{
	struct path_state *state = &record->failing.state;

	if (state->probing == 0)
		return;
	path_probe_end(state);
	(void)put(store, now, record);
}

void path_store_probe_end(
	const struct path_store *store, const struct path_place *place, int64_t now)
{
	struct pair pair;

	lock(store);
	get_pair(store, place, now, &pair);
	unmark(store, &pair.destination, now);
	unmark(store, &pair.network, now);
	unlock(store);
}

void path_store_failed(const struct path_store *store, const struct path_place *place, int64_t now)
{
	struct pair pair;

	lock(store);
	get_pair(store, place, now, &pair);
	const struct peer_key id = key_of(store, &pair.destination);

	if (path_failed(&pair.destination.failing.state, now))
		(void)put(store, now, &pair.destination);
	if (place->network.family != 0 && path_network_failed(&pair.network.failing, id.bytes, now))
		(void)put(store, now, &pair.network);
	unlock(store);
}

void path_store_succeeded(const struct path_store *store, const struct path_place *place)
{
	const struct path_record destination =
		record_of(RECORD_PATH, &place->destination, place->host);
	const struct path_record network = record_of(RECORD_NETWORK, &place->network, "");

	lock(store);
	drop(store, &destination);
	if (place->network.family != 0)
		drop(store, &network);
	unlock(store);
}

bool path_store_host(const struct path_store *store, const char *host, uint16_t port, int64_t now,
	struct path_record *ret_record)
{
	const struct path_address address = {.port = port};

	*ret_record = record_of(RECORD_HOST, &address, host);
	lock(store);
	bool known = get(store, now, ret_record);
	unlock(store);
	return known;
}

void path_store_answered(const struct path_store *store, const char *host,
	const struct path_address *address, int64_t rtt_us, enum path_early early, int64_t now)
{
	struct path_record record = record_of(RECORD_HOST, address, host);

	lock(store);
	(void)get(store, now, &record);
	record.address = *address;
	record.rtt_us = rtt_us;
	if (early == PATH_EARLY_CARRIED)
		record.failing.state = (struct path_state){0};
	if (early == PATH_EARLY_SWALLOWED)
		(void)path_failed(&record.failing.state, now);
	(void)put(store, now, &record);
	unlock(store);
}

/* One record after another; NULL is one that cannot be read. */
struct walk {
	/* True: remove it. */
	bool (*visit)(struct walk *walk, const struct path_record *record);
	path_store_fn fn;
	void *userdata;
	const char *host;
	unsigned int port;
	int64_t now;
	int stopped; /* by @fn, with this */
	struct tally tally;
};

static void walk_memory(const struct path_store *store, struct walk *walk)
{
	const struct path_record *record;
	struct peer_key key;
	size_t at = 0;

	lock(store);
	while (walk->stopped == 0 && (record = path_memory_at(store->memory, at, &key)) != NULL) {
		/* Another takes the place of what is removed. */
		if (!walk->visit(walk, record))
			at++;
		else
			tally_add(&walk->tally, path_memory_remove(store->memory, &key));
	}
	unlock(store);
}

static void visit_file(const struct path_store *store, struct walk *walk, const struct name *name)
{
	struct path_record record;
	int found = path_directory_get(store->directory, name, &record);

	if (walk->visit(walk, found > 0 ? &record : NULL))
		tally_add(&walk->tally, shard_remove(store->directory->paths, name->text));
	else if (found < 0)
		tally_add(&walk->tally, found);
}

static void walk_directory(const struct path_store *store, struct walk *walk)
{
	struct names names;
	int ret = path_directory_names(store->directory, walk->now, &names);

	tally_add(&walk->tally, ret);
	if (ret != 0)
		return;
	for (size_t i = 0; walk->stopped == 0 && i < names.count; i++)
		visit_file(store, walk, &names.list[i]);
	/* What cannot be swept is of interest only to who wants everything to be gone. */
	errno = names.left;
	tally_add(&walk->tally, names.left != 0 && walk->now == INT64_MAX ? TLSFO_E_SYSTEM : 0);
	free(names.list);
}

static int walk_all(const struct path_store *store, struct walk *walk)
{
	if (store->memory == NULL)
		walk_directory(store, walk);
	else
		walk_memory(store, walk);
	return walk->stopped != 0 ? walk->stopped : tally_end(&walk->tally);
}

static bool visit_each(struct walk *walk, const struct path_record *record)
{
	if (record != NULL && record->expires > walk->now)
		walk->stopped = walk->fn(record, walk->userdata);
	return false;
}

int path_store_each(const struct path_store *store, int64_t now, path_store_fn fn, void *userdata)
{
	struct walk walk = {.visit = visit_each, .fn = fn, .userdata = userdata, .now = now};

	return walk_all(store, &walk);
}

static bool visit_forget(struct walk *walk, const struct path_record *record)
{
	return record != NULL && path_record_is_of(record, walk->host, walk->port);
}

int path_store_forget(
	const struct path_store *store, const char *host, unsigned int port, int64_t now)
{
	struct walk walk = {.visit = visit_forget, .host = host, .port = port, .now = now};

	return walk_all(store, &walk);
}

static bool visit_clear(struct walk *walk, const struct path_record *record)
{
	(void)walk;
	(void)record;
	return true;
}

int path_store_clear(const struct path_store *store)
{
	/* At the end of time every file that is being written is left over. */
	struct walk walk = {.visit = visit_clear, .now = INT64_MAX};

	return walk_all(store, &walk);
}
