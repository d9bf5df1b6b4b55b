/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void flow_table_clear(struct flow_table *table)
{
	free(table->flows);
	free(table->slots);
	*table = (struct flow_table)FLOW_TABLE_EMPTY;
}

struct flow_key flow_key_of(const struct packet_info *info, bool from_client)
{
	struct flow_key key = {
		.client = from_client ? info->source : info->destination,
		.server = from_client ? info->destination : info->source,
		.client_port = from_client ? info->source_port : info->destination_port,
		.server_port = from_client ? info->destination_port : info->source_port,
	};

	return key;
}

static bool same_key(const struct flow_key *a, const struct flow_key *b)
{
	return a->client_port == b->client_port && a->server_port == b->server_port &&
	       memcmp(&a->client, &b->client, sizeof(a->client)) == 0 &&
	       memcmp(&a->server, &b->server, sizeof(a->server)) == 0;
}

/* FNV-1a; the keys are our own hosts' ports, nobody attacks this table. */
static uint32_t hash(const struct flow_key *key)
{
	uint8_t ports[4];
	uint32_t sum = 2166136261U;
	size_t i;

	packet_put16(ports, key->client_port);
	packet_put16(ports + 2, key->server_port);
	for (i = 0; i < 16; i++)
		sum = (sum ^ key->client.s6_addr[i] ^ key->server.s6_addr[i]) * 16777619U;
	for (i = 0; i < sizeof(ports); i++)
		sum = (sum ^ ports[i]) * 16777619U;
	return sum;
}

/* The slot that holds the key, or the free one where it belongs. The table is never full. */
static uint32_t *slot_of(const struct flow_table *table, const struct flow_key *key)
{
	size_t at = hash(key) & (table->slot_count - 1);

	while (table->slots[at] && !same_key(&table->flows[table->slots[at] - 1].key, key))
		at = (at + 1) & (table->slot_count - 1);
	return &table->slots[at];
}

static int grow(struct flow_table *table)
{
	size_t room = table->room ? table->room * 2 : 32;
	uint32_t *slots = calloc(room * 2, sizeof(*slots));
	struct flow *flows = reallocarray(table->flows, room, sizeof(*flows));
	size_t i;

	if (flows)
		table->flows = flows;
	if (!flows || !slots) {
		free(slots);
		return -ENOMEM;
	}

	free(table->slots);
	table->slots = slots;
	table->slot_count = room * 2;
	table->room = room;
	for (i = 0; i < table->used; i++)
		*slot_of(table, &table->flows[i].key) = (uint32_t)i + 1;
	return 0;
}

long flow_find(const struct flow_table *table, const struct flow_key *key)
{
	uint32_t slot = table->slot_count ? *slot_of(table, key) : 0;

	return slot ? (long)slot - 1 : -ENOENT;
}

static long open_flow(
	struct flow_table *table, const struct flow_key *key, const struct packet_info *syn)
{
	struct flow flow = {.key = *key, .isn = syn->seq, .syn_data = syn->payload_length > 0};

	if (table->used == table->room && grow(table) < 0)
		return -ENOMEM;

	table->flows[table->used++] = flow;
	*slot_of(table, key) = (uint32_t)table->used;
	return (long)table->used - 1;
}

long flow_track(struct flow_table *table, const struct packet_info *info, bool from_client)
{
	struct flow_key key;
	long found;

	if (!info->tcp)
		return -ENOENT;

	key = flow_key_of(info, from_client);
	found = flow_find(table, &key);
	if (!from_client || !packet_is_syn(info))
		return found;
	if (found >= 0 && table->flows[found].isn == info->seq)
		return found;
	return open_flow(table, &key, info);
}
