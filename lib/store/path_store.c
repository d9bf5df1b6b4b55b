/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_store.h"

#include <pthread.h>
#include <string.h>

/* Completes a record of which is said what it is about. One that has expired or is from the future is none. */
static bool get(struct shelf *shelf, int64_t now, struct path_record *record)
{
	struct path_record found;
	struct content content;
	struct name_key key;

	path_key_make(shelf->key, record, &key);
	if (shelf->calls->look(shelf, &key, &content) != 1)
		return false;
	bool whole = path_record_read(content.record, &found);

	content_clear(&content);
	/* The seal covers the file's name, so the kind cannot differ; checking it again is free. */
	if (!whole || found.kind != record->kind || found.expires <= now ||
		limits_future(found.written, now))
		return false;
	*record = found;
	return true;
}

/* False: it cannot be written. */
static bool put(struct shelf *shelf, int64_t now, struct path_record *record)
{
	struct content content;
	struct writer writer;
	struct name_key key;

	record->written = now;
	record->expires = record->kind == RECORD_HOST ? now + PATH_HOST_LIFE
						      : path_expires(&record->failing.state);
	path_key_make(shelf->key, record, &key);
	if (!content_new(PATH_RECORD_MAX, &content, &writer))
		return false;
	path_record_write(&writer, record);
	content.record = bytes_of(writer.buf, writer.len);
	bool done = !writer.failed && shelf->calls->put(shelf, LIMITS_PATHS, &key, now,
					      record->expires, &content, now) == 0;

	content_clear(&content);
	return done;
}

static void drop(struct shelf *shelf, const struct path_record *record)
{
	struct name_key key;

	path_key_make(shelf->key, record, &key);
	shelf->calls->remove(shelf, &key);
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

static void get_pair(
	struct shelf *shelf, const struct path_place *place, int64_t now, struct pair *ret_pair)
{
	*ret_pair = (struct pair){
		.destination = record_of(RECORD_PATH, &place->destination, place->host),
		.network = record_of(RECORD_NETWORK, &place->network, ""),
	};
	ret_pair->destination_known = get(shelf, now, &ret_pair->destination);
	ret_pair->network_known = place->network.family != 0 && get(shelf, now, &ret_pair->network);
}

static enum shelf_next find_network(struct bytes bytes, void *ret_found)
{
	struct path_record record;
	bool *found = ret_found;

	*found = path_record_read(bytes, &record) && record.kind == RECORD_NETWORK;
	return *found ? SHELF_STOP : SHELF_GO_ON;
}

bool path_store_knows_networks(struct shelf *shelf)
{
	bool found = false;

	/* To look would cost a directory more than a route does. */
	if (!shelf->in_memory)
		return true;
	(void)shelf->calls->each(shelf, 0, find_network, &found);
	return found;
}

static enum path_advice advise(const struct pair *pair, int64_t now)
{
	enum path_advice here = path_advise(&pair->destination.failing.state, now);
	enum path_advice from = path_advise(&pair->network.failing.state, now);

	return here > from ? here : from;
}

enum path_advice path_store_advise(
	struct shelf *shelf, const struct path_place *place, int64_t now, bool *ret_known)
{
	struct pair pair;

	get_pair(shelf, place, now, &pair);
	*ret_known = pair.destination_known || pair.network_known;
	return advise(&pair, now);
}

/* Marks what is due as being probed. False: that cannot be written, and everybody would probe. */
static bool mark(struct shelf *shelf, struct path_record *record, int64_t now)
{
	struct path_state *state = &record->failing.state;

	if (path_advise(state, now) != PATH_PROBE)
		return true;
	path_probe_begin(state, now);
	return put(shelf, now, record);
}

bool path_store_probe(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	int cancel_state;
	bool ours = false;

	/* A thread that is cancelled while it reads or writes would leave the claim, and the descriptor. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int claim = shelf->calls->claim(shelf);

	/* Another that has claimed the shelf may well be about to probe the same place. */
	if (claim >= 0) {
		struct pair pair;

		get_pair(shelf, place, now, &pair);
		ours = advise(&pair, now) != PATH_AVOID && mark(shelf, &pair.destination, now) &&
		       mark(shelf, &pair.network, now);
		shelf->calls->release(shelf, claim);
	}
	pthread_setcancelstate(cancel_state, NULL);
	return ours;
}

static void unmark(struct shelf *shelf, struct path_record *record, int64_t now)
{
	struct path_state *state = &record->failing.state;

	if (state->probing == 0)
		return;
	path_probe_end(state);
	(void)put(shelf, now, record);
}

void path_store_probe_end(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair;

	get_pair(shelf, place, now, &pair);
	unmark(shelf, &pair.destination, now);
	unmark(shelf, &pair.network, now);
}

void path_store_failed(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct name_key id;
	struct pair pair;

	get_pair(shelf, place, now, &pair);
	path_key_make(shelf->key, &pair.destination, &id);
	if (path_failed(&pair.destination.failing.state, now))
		(void)put(shelf, now, &pair.destination);
	if (place->network.family != 0 && path_network_failed(&pair.network.failing, id.bytes, now))
		(void)put(shelf, now, &pair.network);
}

void path_store_succeeded(struct shelf *shelf, const struct path_place *place)
{
	const struct path_record destination =
		record_of(RECORD_PATH, &place->destination, place->host);
	const struct path_record network = record_of(RECORD_NETWORK, &place->network, "");

	drop(shelf, &destination);
	if (place->network.family != 0)
		drop(shelf, &network);
}

bool path_store_host(struct shelf *shelf, const char *host, uint16_t port, int64_t now,
	struct path_record *ret_record)
{
	const struct path_address address = {.port = port};

	*ret_record = record_of(RECORD_HOST, &address, host);
	return get(shelf, now, ret_record);
}

void path_store_answered(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t rtt_us, enum path_early early, int64_t now)
{
	struct path_record record = record_of(RECORD_HOST, address, host);

	(void)get(shelf, now, &record);
	record.address = *address;
	record.rtt_us = rtt_us;
	if (early == PATH_EARLY_CARRIED)
		record.failing.state = (struct path_state){0};
	if (early == PATH_EARLY_SWALLOWED)
		(void)path_failed(&record.failing.state, now);
	(void)put(shelf, now, &record);
}
