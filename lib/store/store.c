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
#include "base/host.h"
#include "base/text.h"
#include "store/directory.h"
#include "store/memory.h"
#include "store/record.h"
#include "store/shard.h"

_Static_assert(TLSFO_STORE_KEY_SIZE == SEAL_KEY_SIZE, "the caller's key is the one that seals");

struct tlsfo_store {
	atomic_uint references;
	bool usable;	       /* opening succeeded */
	struct memory *memory; /* or NULL, and then: */
	struct directory directory;
	struct path_store paths;
	char error[PATH_MAX + 128];
};

/* What a list hands on, and to whom. */
struct listing {
	tlsfo_store_entry_fn fn;
	void *userdata;
	int stopped; /* by @fn, with this */
};

static struct tlsfo_store *store_alloc(void)
{
	struct tlsfo_store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return NULL;
	atomic_init(&store->references, 1);
	store->directory.tickets = -1;
	store->directory.paths = -1;
	return store;
}

int tlsfo_store_new(struct tlsfo_store **ret_store)
{
	if (ret_store == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	struct tlsfo_store *store = store_alloc();

	if (store == NULL)
		return STORE_E_MEMORY;
	int ret = memory_new(&store->memory);

	store->paths.memory = ret == 0 ? path_memory_new() : NULL;
	if (ret == 0 && store->paths.memory == NULL)
		ret = STORE_E_MEMORY;
	if (ret != 0) {
		tlsfo_store_free(store);
		return ret;
	}
	store->usable = true;
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
	struct tlsfo_store *store = store_alloc();

	if (store == NULL)
		return STORE_E_MEMORY;
	text_init(&why, store->error, sizeof(store->error));
	/* A thread that is cancelled while it opens would leave descriptors, and a lock on the directory. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	int ret = directory_open(&store->directory, path, key, &why);
	pthread_setcancelstate(cancel_state, NULL);

	text_make_printable(store->error);
	store->usable = ret == 0;
	store->paths.directory = &store->directory;
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
	memory_free(store->memory);
	path_memory_free(store->paths.memory);
	directory_close(&store->directory);
	free(store);
}

const char *tlsfo_store_error(const struct tlsfo_store *store)
{
	return store != NULL ? store->error : "";
}

static bool is_usable(const struct tlsfo_store *store)
{
	return store != NULL && store->usable;
}

int store_put(struct tlsfo_store *store, const struct peer *peer, const struct ticket *ticket,
	int64_t now)
{
	if (!is_usable(store) || now < 0 || !record_ticket_fits(peer, ticket))
		return TLSFO_E_INVALID_ARGUMENT;
	/* The blob stays the caller's. */
	struct ticket kept = *ticket;

	if (kept.expires - now > TICKET_LIFE_MAX)
		kept.expires = now + TICKET_LIFE_MAX;
	if (kept.expires <= now)
		return 0;
	return store->memory != NULL ? memory_put(store->memory, peer, &kept, now)
				     : directory_put(&store->directory, peer, &kept, now);
}

int store_take(struct tlsfo_store *store, const struct peer *peer, int64_t now, int64_t slack,
	struct ticket *ret_ticket)
{
	*ret_ticket = (struct ticket){0};
	if (!is_usable(store) || now < 0 || peer->host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	return store->memory != NULL
		       ? memory_take(store->memory, peer, now, slack, ret_ticket)
		       : directory_take(&store->directory, peer, now, slack, ret_ticket);
}

int store_count(struct tlsfo_store *store, const struct peer *peer, int64_t now, int64_t slack)
{
	if (!is_usable(store) || now < 0 || peer->host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	return store->memory != NULL ? memory_count(store->memory, peer, now, slack)
				     : directory_count(&store->directory, peer, now, slack);
}

static int hand_on(const struct record_ticket *ticket, void *userdata)
{
	struct listing *listing = userdata;
	char alpn[TICKET_ALPN_MAX + 1] = {0};

	memcpy(alpn, ticket->ticket.alpn, ticket->ticket.alpn_len);
	const struct tlsfo_store_entry entry = {
		.host = ticket->host,
		.port = ticket->port,
		.verified = ticket->is_verified ? ticket->verified : NULL,
		.tls_version = ticket->ticket.tls_version,
		.alpn = ticket->ticket.alpn_len > 0 ? alpn : NULL,
		.max_early_data = ticket->ticket.max_early_data,
		.received = ticket->ticket.received,
		.expires = ticket->ticket.expires,
	};

	listing->stopped = listing->fn(&entry, listing->userdata);
	return listing->stopped;
}

static int hand_on_path(const struct path_record *record, void *userdata)
{
	struct listing *listing = userdata;
	const struct path_state *state = &record->failing.state;
	char address[PATH_TEXT_SIZE];
	struct tlsfo_store_entry entry = {
		.host = record->kind == RECORD_NETWORK ? address : record->host,
		.port = record->address.port,
		.received = record->written,
		.expires = record->expires,
		.address = address,
		.rtt_us = record->rtt_us,
		.failures = state->failures,
		.different = record->failing.count,
		.until = state->until,
		.probing = state->probing != 0,
	};

	path_record_print(record, address);
	if (record->kind == RECORD_HOST)
		entry.kind = TLSFO_STORE_HOST;
	else
		entry.kind = record->kind == RECORD_PATH ? TLSFO_STORE_PATH : TLSFO_STORE_NETWORK;
	listing->stopped = listing->fn(&entry, listing->userdata);
	return listing->stopped;
}

int tlsfo_store_list(struct tlsfo_store *store, tlsfo_store_entry_fn fn, void *userdata)
{
	struct listing listing = {.fn = fn, .userdata = userdata};
	struct tally tally = {0};
	int64_t now = clock_wall_s();

	if (!is_usable(store) || fn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	tally_add(&tally, store->memory != NULL
				  ? memory_each(store->memory, now, hand_on, &listing)
				  : directory_each(&store->directory, now, hand_on, &listing));
	if (listing.stopped == 0)
		tally_add(&tally, path_store_each(&store->paths, now, hand_on_path, &listing));
	return listing.stopped != 0 ? listing.stopped : tally_end(&tally);
}

int tlsfo_store_forget(struct tlsfo_store *store, const char *host, unsigned int port)
{
	int64_t now = clock_wall_s();
	struct tally tally = {0};
	/* What is longer than any name is cut to one that is still too long to be there. */
	char bare[RECORD_NAME_MAX + 2];
	size_t len;

	if (!is_usable(store) || host == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	host = host_bare(host, &len);
	snprintf(bare, sizeof(bare), "%.*s", len < sizeof(bare) ? (int)len : RECORD_NAME_MAX + 1,
		host);
	tally_add(&tally, store->memory != NULL
				  ? memory_forget(store->memory, bare, port)
				  : directory_forget(&store->directory, bare, port, now));
	tally_add(&tally, path_store_forget(&store->paths, bare, port, now));
	return tally_end(&tally);
}

int tlsfo_store_clear(struct tlsfo_store *store)
{
	struct tally tally = {0};

	if (!is_usable(store))
		return TLSFO_E_INVALID_ARGUMENT;
	tally_add(&tally, store->memory != NULL ? memory_clear(store->memory)
						: directory_clear(&store->directory));
	tally_add(&tally, path_store_clear(&store->paths));
	return tally_end(&tally);
}

const struct path_store *store_paths(const struct tlsfo_store *store)
{
	return is_usable(store) ? &store->paths : NULL;
}
