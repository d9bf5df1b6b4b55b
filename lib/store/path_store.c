/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_store.h"

#include <pthread.h>
#include <string.h>

/* Completes a record of which is said what it is about. One that has expired or is from the future is none. */
static bool get(struct shelf *shelf, int64_t now, struct record *record)
{
	struct record found;
	struct content content;
	struct entry_key key;

	record_key_make(shelf->key, record, &key);
	if (shelf->calls->get(shelf, ENTRY_PATH, &key, now, 0, &content) != 1)
		return false;
	bool whole = record_read(content.record, &found);

	content_clear(&content);
	/* The seal covers the file's name, so the kind cannot differ; checking it again is free. */
	if (!whole || found.kind != record->kind ||
		!entry_is_usable(ENTRY_PATH, found.written, found.expires, now, 0))
		return false;
	*record = found;
	return true;
}

/* False: it cannot be written. */
static bool put(struct shelf *shelf, int64_t now, struct record *record)
{
	unsigned char data[RECORD_PATH_MAX];
	struct content content;
	struct writer writer;
	struct entry_key key;

	record->written = now;
	record->expires = record->kind == RECORD_HOST ? now + PATH_HOST_LIFE
						      : path_expires(&record->failing.state);
	record_key_make(shelf->key, record, &key);
	writer_init(&writer, data, sizeof(data));
	record_write(&writer, record);
	if (writer.failed || !content_copy(bytes_of(data, writer.len), &content))
		return false;
	bool done = shelf->calls->put(
			    shelf, ENTRY_PATH, &key, now, record->expires, &content, now) == 0;

	content_clear(&content);
	return done;
}

static struct record record_of(
	enum record_kind kind, const struct path_address *address, const char *host)
{
	struct record record = {.kind = kind, .address = *address, .rtt_us = -1};

	if (strlen(host) <= RECORD_NAME_MAX)
		strcpy(record.host, host);
	return record;
}

/* The records that speak of a place: of the destination, and of the local network if that is known. */
struct pair {
	struct record records[2];
	size_t count;
	bool known; /* there was one */
};

static struct pair get_pair(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair = {
		.records = {record_of(RECORD_PATH, &place->destination, place->host),
			record_of(RECORD_NETWORK, &place->network, "")},
		.count = place->network.family != 0 ? 2 : 1,
	};

	for (size_t i = 0; i < pair.count; i++)
		pair.known = get(shelf, now, &pair.records[i]) || pair.known;
	return pair;
}

static enum shelf_next find_network(struct bytes bytes, void *ret_found)
{
	struct record record;
	bool *found = ret_found;

	*found = record_read(bytes, &record) && record.kind == RECORD_NETWORK;
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

/* What is against fast open at one of them is against it. */
static enum path_advice advise(const struct pair *pair, int64_t now)
{
	enum path_advice advice = PATH_GO;

	for (size_t i = 0; i < pair->count; i++) {
		enum path_advice its = path_advise(&pair->records[i].failing.state, now);

		advice = its > advice ? its : advice;
	}
	return advice;
}

enum path_advice path_store_advise(
	struct shelf *shelf, const struct path_place *place, int64_t now, bool *ret_known)
{
	const struct pair pair = get_pair(shelf, place, now);

	*ret_known = pair.known;
	return advise(&pair, now);
}

/* Marks as being probed what is due. False: a mark cannot be written, and everybody would probe. */
static bool mark(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair = get_pair(shelf, place, now);
	bool ours = advise(&pair, now) != PATH_AVOID;

	for (size_t i = 0; ours && i < pair.count; i++) {
		struct path_state *state = &pair.records[i].failing.state;

		if (path_advise(state, now) != PATH_PROBE)
			continue;
		state->probing = now;
		ours = put(shelf, now, &pair.records[i]);
	}
	return ours;
}

bool path_store_probe(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	int cancel_state;

	/* A thread that is cancelled while it reads or writes would leave the claim, and the descriptor. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int claim = shelf->calls->claim(shelf);
	/* Another that has claimed the shelf may well be about to probe the same place. */
	bool ours = claim >= 0 && mark(shelf, place, now);

	if (claim >= 0)
		shelf->calls->release(shelf, claim);
	pthread_setcancelstate(cancel_state, NULL);
	return ours;
}

void path_store_probe_end(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair = get_pair(shelf, place, now);

	for (size_t i = 0; i < pair.count; i++) {
		if (pair.records[i].failing.state.probing == 0)
			continue;
		pair.records[i].failing.state.probing = 0;
		(void)put(shelf, now, &pair.records[i]);
	}
}

void path_store_failed(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair = get_pair(shelf, place, now);
	struct record *destination = &pair.records[0];
	struct record *network = &pair.records[1];
	struct entry_key id;

	record_key_make(shelf->key, destination, &id);
	if (path_failed(&destination->failing.state, now))
		(void)put(shelf, now, destination);
	if (pair.count == 2 && path_network_failed(&network->failing, id.bytes, now))
		(void)put(shelf, now, network);
}

void path_store_succeeded(struct shelf *shelf, const struct path_place *place)
{
	const struct record destination = record_of(RECORD_PATH, &place->destination, place->host);
	const struct record network = record_of(RECORD_NETWORK, &place->network, "");
	struct entry_key key;

	record_key_make(shelf->key, &destination, &key);
	shelf->calls->remove(shelf, &key);
	record_key_make(shelf->key, &network, &key);
	shelf->calls->remove(shelf, &key);
}

bool path_store_host(struct shelf *shelf, const char *host, uint16_t port, int64_t now,
	struct record *ret_record)
{
	const struct path_address address = {.port = port};

	*ret_record = record_of(RECORD_HOST, &address, host);
	return get(shelf, now, ret_record);
}

void path_store_thought(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t think_us, int64_t now)
{
	struct record record = record_of(RECORD_HOST, address, host);

	(void)get(shelf, now, &record);
	if (!path_think_differs(record.think_us, think_us))
		return;
	record.think_us = think_us;
	(void)put(shelf, now, &record);
}

void path_store_answered(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t rtt_us, enum path_early early, int64_t now)
{
	struct record record = record_of(RECORD_HOST, address, host);

	(void)get(shelf, now, &record);
	record.address = *address;
	record.rtt_us = rtt_us;
	if (early == PATH_EARLY_CARRIED)
		record.failing.state = (struct path_state){0};
	if (early == PATH_EARLY_SWALLOWED)
		(void)path_failed(&record.failing.state, now);
	(void)put(shelf, now, &record);
}
