/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/knowledge.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "net/stream.h"
#include "race/race.h"

/* The first bytes of an address, which stand for its network. */
#define NETWORK_IP4 3
#define NETWORK_IP6 8

bool candidates_add(struct candidates *candidates, const struct address *address)
{
	struct candidate *list =
		reallocarray(candidates->list, candidates->count + 1, sizeof(*list));

	if (list == NULL)
		return false;
	candidates->list = list;
	list[candidates->count++] = (struct candidate){.address = *address};
	return true;
}

int candidates_add_sockaddr(
	struct candidates *candidates, const struct sockaddr *addr, socklen_t addrlen)
{
	struct address address;

	if (!address_from_sockaddr(addr, addrlen, &address) || address_port(&address) == 0)
		return TLSFO_E_INVALID_ADDRESS;
	if (candidates->count == RACE_ADDRESSES)
		return 0;
	for (size_t i = 0; i < candidates->count; i++)
		if (memcmp(&candidates->list[i].address.sa, &address.sa, address.len) == 0)
			return 0;
	return candidates_add(candidates, &address) ? 0 : GNUTLS_E_MEMORY_ERROR;
}

/* The first from @at on that TCP can use, of the family or of another one. */
static const struct addrinfo *find(const struct addrinfo *at, int family, bool of_it)
{
	while (at != NULL && ((at->ai_family == family) != of_it ||
				     (at->ai_socktype != 0 && at->ai_socktype != SOCK_STREAM)))
		at = at->ai_next;
	return at;
}

int candidates_add_list(struct candidates *candidates, const struct addrinfo *addresses)
{
	const int family = addresses->ai_family;
	const struct addrinfo *next[2] = {
		find(addresses, family, true), find(addresses, family, false)};
	int ret = TLSFO_E_INVALID_ADDRESS;

	for (size_t turn = 0; next[0] != NULL || next[1] != NULL; turn = 1 - turn) {
		const struct addrinfo *at = next[turn];

		if (at == NULL)
			continue;
		int added = candidates_add_sockaddr(candidates, at->ai_addr, at->ai_addrlen);
		if (added != 0 && added != TLSFO_E_INVALID_ADDRESS)
			return added;
		ret = added == 0 ? 0 : ret;
		next[turn] = find(at->ai_next, family, turn == 0);
	}
	return ret;
}

static struct path_address to_path_address(const struct address *as_given)
{
	struct path_address path = {.port = address_port(as_given)};
	const struct address *address = as_given;
	struct address ip4;

	/* All IPv4-mapped addresses have the same first bytes, and would count as one network. */
	if (address_is_mapped(as_given) && address_unmap(as_given, &ip4))
		address = &ip4;
	if (address_family(address) == AF_INET) {
		path.family = 4;
		memcpy(path.bytes, &address->sa.in.sin_addr, 4);
	} else if (address_family(address) == AF_INET6) {
		path.family = 6;
		path.scope = address->sa.in6.sin6_scope_id;
		memcpy(path.bytes, &address->sa.in6.sin6_addr, 16);
	}
	return path;
}

/* Finds the local network, which costs some system calls and is needed only where a network has a record or gets
 * one. Its family stays 0 when there is no route. */
static void find_network(const struct knowledge *knowledge, struct candidate *candidate)
{
	struct address source = *knowledge->local;
	struct path_address *network = &candidate->network;

	if (candidate->routed)
		return;
	candidate->routed = true;
	if (address_family(&source) == 0 && !stream_source(&candidate->address, &source))
		return;
	*network = to_path_address(&source);
	size_t len = network->family == 4 ? NETWORK_IP4 : NETWORK_IP6;
	memset(network->bytes + len, 0, sizeof(network->bytes) - len);
	network->port = 0;
}

static struct path_place place_of(
	const struct knowledge *knowledge, const struct candidate *candidate)
{
	return (struct path_place){
		.host = knowledge->host,
		.destination = to_path_address(&candidate->address),
		.network = candidate->network,
	};
}

static bool is_host_address(const struct knowledge *knowledge, const struct address *address)
{
	const struct path_address *a = &knowledge->host_address;
	const struct path_address b = to_path_address(address);

	return knowledge->host_known && a->family == b.family && a->scope == b.scope &&
	       a->port == b.port && memcmp(a->bytes, b.bytes, sizeof(b.bytes)) == 0;
}

void knowledge_init(struct knowledge *knowledge, struct shelf *store, const char *host,
	uint16_t port, const struct address *local, enum tlsfo_fast_open_mode mode)
{
	struct record record = {.kind = RECORD_HOST};
	int64_t now = clock_wall_s();

	*knowledge = (struct knowledge){.store = store,
		.host = host,
		.port = port,
		.local = local,
		.mode = mode,
		.host_rtt_us = -1};
	if (store == NULL || !path_store_host(store, host, port, now, &record))
		return;
	/* Without fast open the record serves early data alone. */
	if (mode != TLSFO_USE_FAST_OPEN_NEVER) {
		knowledge->host_known = true;
		knowledge->host_address = record.address;
		knowledge->host_rtt_us = record.rtt_us;
	}
	knowledge->think_us = record.think_us;
	knowledge->early_failed = record.failing.state.failures > 0;
	knowledge->early_paused = path_advise(&record.failing.state, now) == PATH_AVOID;
}

void knowledge_ask_again(struct knowledge *knowledge)
{
	struct record record;

	if (knowledge->store != NULL && path_store_host(knowledge->store, knowledge->host,
						knowledge->port, clock_wall_s(), &record))
		knowledge->think_us = record.think_us;
}

void knowledge_tell_time(
	struct knowledge *knowledge, const struct attempt *attempt, int64_t until_us)
{
	int64_t think_us = until_us - attempt->connected_us;

	/* The server got the hello a round trip after the SYN-ACK, unless that acknowledged it. */
	if (!attempt->facts.syn_data_acknowledged && attempt->facts.rtt_us > 0)
		think_us = think_us > attempt->facts.rtt_us ? think_us - attempt->facts.rtt_us : 0;
	if (knowledge->store == NULL || attempt->connected_us < 0 ||
		!path_think_differs(knowledge->think_us, think_us))
		return;
	const struct path_address address = to_path_address(&attempt->address);
	knowledge->think_us = think_us;
	path_store_thought(knowledge->store, knowledge->host, &address, think_us, clock_wall_s());
}

void knowledge_order(const struct knowledge *knowledge, struct candidates *candidates, size_t first)
{
	struct candidate *list = candidates->list;

	for (size_t i = first; i < candidates->count; i++) {
		if (!is_host_address(knowledge, &list[i].address))
			continue;
		struct candidate last = list[i];

		memmove(&list[first + 1], &list[first], (i - first) * sizeof(list[0]));
		list[first] = last;
		return;
	}
}

bool knowledge_allows(const struct knowledge *knowledge, struct candidate *candidate)
{
	int64_t now = clock_wall_s();
	bool known = false;

	if (knowledge->store == NULL || candidate->asked)
		return knowledge->store == NULL || candidate->allowed;
	candidate->asked = true;
	if (path_store_knows_networks(knowledge->store))
		find_network(knowledge, candidate);
	const struct path_place place = place_of(knowledge, candidate);
	enum path_advice advice = path_store_advise(knowledge->store, &place, now, &known);
	candidate->known = known;
	candidate->allowed = advice == PATH_GO || knowledge->mode == TLSFO_USE_FAST_OPEN_ALWAYS;
	if (!candidate->allowed && advice == PATH_PROBE)
		candidate->probing = candidate->allowed =
			path_store_probe(knowledge->store, &place, now);
	return candidate->allowed;
}

/* Remembers that the address answered, its round-trip time, and what became of early data. */
static void tell_answer(const struct knowledge *knowledge, const struct candidate *candidate,
	enum path_news early_data, int64_t rtt_us)
{
	enum path_early early = PATH_EARLY_NOTHING;

	if (early_data == PATH_FAILS)
		early = PATH_EARLY_SWALLOWED;
	else if (early_data == PATH_CARRIES && knowledge->early_failed)
		early = PATH_EARLY_CARRIED;
	bool is_news =
		knowledge->mode != TLSFO_USE_FAST_OPEN_NEVER &&
		(!is_host_address(knowledge, &candidate->address) ||
			path_rtt_differs(knowledge->host_rtt_us, rtt_us, RACE_DELAY_LEAST_US / 2));
	if (early == PATH_EARLY_NOTHING && !is_news)
		return;
	const struct path_address address = to_path_address(&candidate->address);
	path_store_answered(
		knowledge->store, knowledge->host, &address, rtt_us, early, clock_wall_s());
}

void knowledge_tell(struct knowledge *knowledge, struct candidate *candidate,
	const struct path_verdict *verdict, int64_t rtt_us, bool ready)
{
	if (knowledge->store == NULL)
		return;
	if (verdict->fast_open == PATH_FAILS)
		knowledge_tell_failed(knowledge, candidate);
	else if (verdict->fast_open == PATH_CARRIES && candidate->known)
		knowledge->owed = candidate;
	if (ready)
		tell_answer(knowledge, candidate, verdict->early_data, rtt_us);
}

void knowledge_tell_carried(struct knowledge *knowledge)
{
	struct candidate *candidate = knowledge->owed;

	if (candidate == NULL)
		return;
	const struct path_place place = place_of(knowledge, candidate);
	knowledge->owed = NULL;
	candidate->probing = false;
	path_store_succeeded(knowledge->store, &place);
}

void knowledge_tell_failed(struct knowledge *knowledge, struct candidate *candidate)
{
	knowledge->owed = NULL;
	if (knowledge->store == NULL)
		return;
	find_network(knowledge, candidate);
	const struct path_place place = place_of(knowledge, candidate);
	path_store_failed(knowledge->store, &place, clock_wall_s());
	candidate->probing = false;
}

void knowledge_end_probes(struct knowledge *knowledge, struct candidates *candidates)
{
	knowledge->owed = NULL;
	for (size_t i = 0; i < candidates->count; i++) {
		struct candidate *candidate = &candidates->list[i];

		if (!candidate->probing)
			continue;
		const struct path_place place = place_of(knowledge, candidate);
		path_store_probe_end(knowledge->store, &place, clock_wall_s());
		candidate->probing = false;
	}
}
