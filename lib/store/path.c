/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path.h"

#include <pthread.h>
#include <string.h>

/* Servers of a crowd are known well enough by this, and most are written once or never. */
#define THINK_STEP_US 100000

/* A pause that is longer than any is from a clock that was wrong. */
static bool is_paused(const struct path_state *state, int64_t now)
{
	return state->failures > 0 && now < state->until && state->until - now <= PATH_PAUSE_MOST;
}

enum path_advice path_advise(const struct path_state *state, int64_t now)
{
	if (state->failures == 0)
		return PATH_GO;
	if (is_paused(state, now))
		return PATH_AVOID;
	if (state->probing != 0 && now >= state->probing && now - state->probing < PATH_PROBE_TIME)
		return PATH_AVOID;
	return PATH_PROBE;
}

bool path_failed(struct path_state *state, int64_t now)
{
	int64_t pause = PATH_PAUSE_FIRST;

	if (is_paused(state, now))
		return false;
	for (uint32_t i = 0; i < state->failures && pause < PATH_PAUSE_MOST; i++)
		pause *= 2;
	if (state->failures < UINT32_MAX)
		state->failures++;
	state->failed = now;
	state->until = now + (pause < PATH_PAUSE_MOST ? pause : PATH_PAUSE_MOST);
	state->probing = 0;
	return true;
}

bool path_network_failed(
	struct path_network *network, const unsigned char id[static PATH_ID_SIZE], int64_t now)
{
	if (network->state.failures > 0)
		return path_failed(&network->state, now);
	/* Failures of other days do not add up. */
	if (now - network->state.failed > PATH_PAUSE_MOST)
		network->count = 0;
	for (unsigned char i = 0; i < network->count; i++)
		if (memcmp(network->failed[i], id, PATH_ID_SIZE) == 0)
			return false;
	memcpy(network->failed[network->count++], id, PATH_ID_SIZE);
	network->state.failed = now;
	return network->count < PATH_DIFFERENT || path_failed(&network->state, now);
}

int64_t path_expires(const struct path_state *state)
{
	return state->failures > 0 ? state->until + PATH_LIFE : state->failed + PATH_PAUSE_MOST;
}

int64_t path_grace(int64_t rtt_us, int64_t think_us)
{
	int64_t think = think_us < PATH_THINK_MOST_US ? think_us : PATH_THINK_MOST_US;

	return 2 * rtt_us > think + PATH_GRACE_LEAST_US ? 2 * rtt_us : think + PATH_GRACE_LEAST_US;
}

bool path_think_differs(int64_t old_us, int64_t new_us)
{
	return new_us - old_us > THINK_STEP_US || old_us - new_us > THINK_STEP_US;
}

bool path_rtt_differs(int64_t old_us, int64_t new_us, int64_t least_us)
{
	if (old_us < 0 || new_us < 0)
		return new_us >= 0;
	int64_t old = old_us > least_us ? old_us : least_us;
	int64_t new = new_us > least_us ? new_us : least_us;

	return new > old + old / 4 || new < old - old / 4;
}

/*
 * Reads the record of a kind about a host and an address. False and an empty record when there is none; one that has
 * expired or is from the future is none.
 */
static bool get(struct shelf *shelf, enum record_kind kind, const char *host,
	const struct path_address *address, int64_t now, struct record *ret_record)
{
	struct record record = {.kind = kind, .address = *address, .rtt_us = -1};

	if (strlen(host) <= RECORD_NAME_MAX)
		strcpy(record.host, host);
	*ret_record = record;
	const struct entry_key key = record_key(shelf->key, &record);

	/* The seal covers the file's name, so the kind cannot differ; checking it again is free. */
	if (shelf->calls->get(shelf, ENTRY_PATH, &key, now, 0, &record) != 1 ||
		record.kind != kind ||
		!entry_is_usable(ENTRY_PATH, record.written, record.expires, now, 0))
		return false;
	*ret_record = record;
	return true;
}

/* False: it cannot be written. */
static bool put(struct shelf *shelf, int64_t now, struct record *record)
{
	record->written = now;
	record->expires = record->kind == RECORD_HOST ? now + PATH_HOST_LIFE
						      : path_expires(&record->failing.state);
	const struct entry_key key = record_key(shelf->key, record);

	return shelf->calls->put(shelf, &key, record, now) == 0;
}

/* The records that speak of a place: of the destination, and of the local network if that is known. */
struct pair {
	struct record records[2];
	size_t count;
	bool known; /* there was one */
};

static struct pair get_pair(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	struct pair pair = {.count = place->network.family != 0 ? 2 : 1};

	pair.known =
		get(shelf, RECORD_PATH, place->host, &place->destination, now, &pair.records[0]);
	if (pair.count == 2 &&
		get(shelf, RECORD_NETWORK, "", &place->network, now, &pair.records[1]))
		pair.known = true;
	return pair;
}

static enum shelf_next find_network(const struct record *record, void *ret_found)
{
	bool *found = ret_found;

	*found = record->kind == RECORD_NETWORK;
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
	enum path_advice one = path_advise(&pair->records[0].failing.state, now);
	enum path_advice other = path_advise(&pair->records[1].failing.state, now);

	return one > other ? one : other;
}

enum path_advice path_store_advise(
	struct shelf *shelf, const struct path_place *place, int64_t now, bool *ret_known)
{
	const struct pair pair = get_pair(shelf, place, now);

	*ret_known = pair.known;
	return advise(&pair, now);
}

bool path_store_probe(struct shelf *shelf, const struct path_place *place, int64_t now)
{
	bool ours = false;
	int cancel_state;

	/* A thread that is cancelled while it reads or writes would leave the claim, and the descriptor. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int claim = shelf->calls->claim(shelf);

	/* Another that has claimed the shelf may well be about to probe the same place. */
	if (claim >= 0) {
		struct pair pair = get_pair(shelf, place, now);

		ours = advise(&pair, now) != PATH_AVOID;
		/* What is due is marked as being probed. If that cannot be written, everybody would probe. */
		for (size_t i = 0; ours && i < pair.count; i++) {
			struct path_state *state = &pair.records[i].failing.state;

			if (path_advise(state, now) != PATH_PROBE)
				continue;
			state->probing = now;
			ours = put(shelf, now, &pair.records[i]);
		}
		shelf->calls->release(shelf, claim);
	}
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
	const struct entry_key id = record_key(shelf->key, destination);

	if (path_failed(&destination->failing.state, now))
		(void)put(shelf, now, destination);
	if (pair.count == 2 && path_network_failed(&network->failing, id.bytes, now))
		(void)put(shelf, now, network);
}

void path_store_succeeded(struct shelf *shelf, const struct path_place *place)
{
	/* Records of any time go, so it is no matter what is found. */
	const struct pair pair = get_pair(shelf, place, 0);

	for (size_t i = 0; i < pair.count; i++) {
		const struct entry_key key = record_key(shelf->key, &pair.records[i]);

		shelf->calls->remove(shelf, &key);
	}
}

bool path_store_host(struct shelf *shelf, const char *host, uint16_t port, int64_t now,
	struct record *ret_record)
{
	return get(shelf, RECORD_HOST, host, &(struct path_address){.port = port}, now, ret_record);
}

void path_store_thought(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t think_us, int64_t now)
{
	struct record record;

	(void)get(shelf, RECORD_HOST, host, address, now, &record);
	if (!path_think_differs(record.think_us, think_us))
		return;
	record.think_us = think_us;
	(void)put(shelf, now, &record);
}

void path_store_answered(struct shelf *shelf, const char *host, const struct path_address *address,
	int64_t rtt_us, enum path_early early, int64_t now)
{
	struct record record;

	(void)get(shelf, RECORD_HOST, host, address, now, &record);
	record.address = *address;
	record.rtt_us = rtt_us;
	if (early == PATH_EARLY_CARRIED)
		record.failing.state = (struct path_state){0};
	if (early == PATH_EARLY_SWALLOWED)
		(void)path_failed(&record.failing.state, now);
	(void)put(shelf, now, &record);
}
