/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/store.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlsfo/store.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/shelf.h"

_Static_assert(TLSFO_STORE_KEY_SIZE == SEAL_KEY_SIZE, "the caller's key is the one that seals");

struct tlsfo_store {
	atomic_uint references;
	struct shelf *shelf; /* NULL: opening failed */
	char error[PATH_MAX + 128];
};

int tlsfo_store_new(struct tlsfo_store **ret_store)
{
	if (ret_store == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	struct tlsfo_store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return STORE_E_MEMORY;
	store->shelf = shelf_memory_new();
	if (store->shelf == NULL) {
		free(store);
		return STORE_E_MEMORY;
	}
	atomic_init(&store->references, 1);
	*ret_store = store;
	return 0;
}

int tlsfo_store_open(
	const char *path, const void *key, size_t keylen, struct tlsfo_store **ret_store)
{
	struct text why;
	int cancel_state;

	if (ret_store == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_store = NULL;
	if (path == NULL || path[0] == '\0' || strlen(path) >= PATH_MAX ||
		keylen != (key != NULL ? TLSFO_STORE_KEY_SIZE : 0))
		return TLSFO_E_INVALID_ARGUMENT;
	struct tlsfo_store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return STORE_E_MEMORY;
	atomic_init(&store->references, 1);
	text_init(&why, store->error, sizeof(store->error));
	/* A thread that is cancelled while it opens would leave descriptors, and a lock on the directory. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int ret = shelf_directory_open(path, key, &why, &store->shelf);

	pthread_setcancelstate(cancel_state, NULL);
	text_make_printable(store->error);
	if (ret == STORE_E_MEMORY)
		tlsfo_store_free(store);
	else
		*ret_store = store;
	return ret;
}

struct tlsfo_store *store_ref(struct tlsfo_store *store)
{
	atomic_fetch_add(&store->references, 1);
	return store;
}

void tlsfo_store_free(struct tlsfo_store *store)
{
	if (store == NULL || atomic_fetch_sub(&store->references, 1) > 1)
		return;
	if (store->shelf != NULL)
		store->shelf->calls->free(store->shelf);
	free(store);
}

const char *tlsfo_store_error(const struct tlsfo_store *store)
{
	return store != NULL ? store->error : "";
}

static bool is_usable(const struct tlsfo_store *store)
{
	return store != NULL && store->shelf != NULL;
}

int store_put(struct tlsfo_store *store, const struct peer *peer, const struct ticket *ticket,
	int64_t now)
{
	struct record record;

	if (!is_usable(store) || now < 0 || !record_of_ticket(peer, ticket, &record))
		return TLSFO_E_INVALID_ARGUMENT;
	if (record.expires - now > TICKET_LIFE_MAX)
		record.expires = record.ticket.expires = now + TICKET_LIFE_MAX;
	if (record.expires <= now)
		return 0;
	const struct entry_key key = peer_key(store->shelf->key, peer);

	return store->shelf->calls->put(store->shelf, &key, &record, now);
}

int store_take(struct tlsfo_store *store, const struct peer *peer, int64_t now, int64_t slack,
	struct ticket *ret_ticket)
{
	struct record record;

	*ret_ticket = (struct ticket){0};
	if (!is_usable(store) || now < 0 || peer->host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	const struct entry_key key = peer_key(store->shelf->key, peer);
	int ret = store->shelf->calls->get(store->shelf, ENTRY_TICKET, &key, now, slack, &record);

	if (ret == 1)
		*ret_ticket = record.ticket;
	return ret;
}

int store_count(struct tlsfo_store *store, const struct peer *peer, int64_t now, int64_t slack)
{
	if (!is_usable(store) || now < 0 || peer->host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	const struct entry_key key = peer_key(store->shelf->key, peer);

	return store->shelf->calls->get(store->shelf, ENTRY_TICKET, &key, now, slack, NULL);
}

struct shelf *store_paths(const struct tlsfo_store *store)
{
	return is_usable(store) ? store->shelf : NULL;
}

/* What a list hands on, and to whom. */
struct listing {
	tlsfo_store_entry_fn fn;
	void *userdata;
	int64_t now;
	int stopped; /* by @fn, with this */
};

static enum shelf_next list_one(const struct record *record, void *userdata)
{
	static const enum tlsfo_store_kind kinds[] = {
		[RECORD_TICKET] = TLSFO_STORE_TICKET,
		[RECORD_PATH] = TLSFO_STORE_PATH,
		[RECORD_NETWORK] = TLSFO_STORE_NETWORK,
		[RECORD_HOST] = TLSFO_STORE_HOST,
	};
	struct listing *listing = userdata;
	char alpn[TICKET_ALPN_MAX + 1] = {0};
	char address[RECORD_TEXT_SIZE];

	if (!entry_lives(record->kind == RECORD_TICKET ? ENTRY_TICKET : ENTRY_PATH, record->expires,
		    listing->now, 0))
		return SHELF_GO_ON;
	memcpy(alpn, record->ticket.alpn, record->ticket.alpn_len);
	record_print(record, address);
	const struct tlsfo_store_entry entry = {
		.host = record->kind == RECORD_NETWORK ? address : record->host,
		.port = record->address.port,
		.verified = record->is_verified ? record->verified : NULL,
		.tls_version = record->ticket.tls_version,
		.alpn = record->ticket.alpn_len > 0 ? alpn : NULL,
		.max_early_data = record->ticket.max_early_data,
		.received = record->written,
		.expires = record->expires,
		.kind = kinds[record->kind],
		.address = record->kind != RECORD_TICKET ? address : NULL,
		.rtt_us = record->rtt_us,
		.failures = record->failing.state.failures,
		.different = record->failing.count,
		.until = record->failing.state.until,
		.probing = record->failing.state.probing != 0,
	};

	listing->stopped = listing->fn(&entry, listing->userdata);
	return listing->stopped != 0 ? SHELF_STOP : SHELF_GO_ON;
}

int tlsfo_store_list(struct tlsfo_store *store, tlsfo_store_entry_fn fn, void *userdata)
{
	struct listing listing = {.fn = fn, .userdata = userdata, .now = clock_wall_s()};

	if (!is_usable(store) || fn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = store->shelf->calls->each(store->shelf, listing.now, list_one, &listing);

	return listing.stopped != 0 ? listing.stopped : ret;
}

/* What is to be forgotten. */
struct forgotten {
	char host[RECORD_NAME_MAX + 2];
	unsigned int port;
};

static enum shelf_next forget_one(const struct record *record, void *userdata)
{
	const struct forgotten *its = userdata;

	return record_is_of(record, its->host, its->port) ? SHELF_REMOVE : SHELF_GO_ON;
}

int tlsfo_store_forget(struct tlsfo_store *store, const char *host, unsigned int port)
{
	struct forgotten its = {.port = port};
	size_t len;

	if (!is_usable(store) || host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	host = host_bare(host, &len);
	/* A host that is longer than any name is cut to one that is still too long to be there. */
	snprintf(its.host, sizeof(its.host), "%.*s",
		len < sizeof(its.host) ? (int)len : RECORD_NAME_MAX + 1, host);
	return store->shelf->calls->each(store->shelf, clock_wall_s(), forget_one, &its);
}

int tlsfo_store_clear(struct tlsfo_store *store)
{
	if (!is_usable(store))
		return TLSFO_E_INVALID_ARGUMENT;
	return store->shelf->calls->each(store->shelf, clock_wall_s(), NULL, NULL);
}
