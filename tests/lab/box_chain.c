/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int chain_add_kind(struct chain *chain, const struct lab_box *kind, unsigned long argument)
{
	struct box box = {.kind = kind, .chain = chain, .on = true, .argument = argument};

	if (chain->count == LAB_BOXES_MAX)
		return -ENOSPC;

	box.place = chain->count;
	chain->boxes[chain->count++] = box;
	return (int)box.place;
}

static const struct lab_box *find_kind(const char *name, size_t length)
{
	for (const struct lab_box *kind = lab_boxes(); kind->name; kind++) {
		if (strlen(kind->name) == length && memcmp(kind->name, name, length) == 0)
			return kind;
	}
	return NULL;
}

static int parse_argument(const struct lab_box *kind, const char *text, unsigned long *ret_value)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value < kind->least || value > kind->most)
		return -EINVAL;

	*ret_value = value;
	return 0;
}

int chain_add(struct chain *chain, const char *box)
{
	const char *equals = strchr(box, '=');
	size_t length = equals ? (size_t)(equals - box) : strlen(box);
	const struct lab_box *kind = find_kind(box, length);
	unsigned long argument = 0;

	if (!kind)
		return -ENOENT;
	if (!kind->argument != !equals)
		return -EINVAL;
	if (equals && parse_argument(kind, equals + 1, &argument) < 0)
		return -EINVAL;
	return chain_add_kind(chain, kind, argument);
}

void chain_clear(struct chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++)
		flow_table_clear(&chain->boxes[i].flows);
	chain->count = 0;
}

void box_inject(struct box *box, enum lab_side to, const uint8_t *bytes, size_t length)
{
	struct chain_result *result = box->chain->result;
	struct chain_packet *made = &result->packets[result->count];
	struct packet_info info;

	if (result->count > CHAIN_INJECTED || length > sizeof(made->made) ||
		packet_parse(bytes, length, &info) < 0)
		return;

	memcpy(made->made, bytes, length);
	made->packet = (struct box_packet){
		.from = to == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT,
		.now_ns = result->packets[0].packet.now_ns,
		.bytes = made->made,
		.info = info,
	};
	made->injected_by = box->kind->name;
	made->altered_by = NULL;
	made->dropped_by = NULL;
	made->next = to == LAB_SERVER ? box->place + 1 : box->place;
	result->count++;
}

void box_change_server_key(struct box *box)
{
	if (box->chain->change_server_key)
		box->chain->change_server_key(box->chain->context);
}

struct flow *box_flow(struct box *box, const struct box_packet *packet)
{
	long index = flow_track(&box->flows, &packet->info, packet->from == LAB_CLIENT);

	return index >= 0 ? &box->flows.flows[index] : NULL;
}

/* Returns false when the box kept the packet. */
static bool pass_box(struct box *box, struct chain_packet *packet)
{
	if (!box->on)
		return true;

	packet->packet.altered = false;
	if (box->kind->packet(box, &packet->packet) == BOX_DROP) {
		packet->dropped_by = box->kind->name;
		return false;
	}
	if (packet->packet.altered)
		packet->altered_by = box->kind->name;
	return true;
}

/*
 * Toward the server `next` is the place of the next box; toward the client it is one more than
 * that, so that 0 means past all of them.
 */
static void pass(struct chain *chain, struct chain_packet *packet)
{
	if (packet->packet.from == LAB_CLIENT) {
		while (packet->next < chain->count && pass_box(&chain->boxes[packet->next], packet))
			packet->next++;
		return;
	}
	while (packet->next > 0 && pass_box(&chain->boxes[packet->next - 1], packet))
		packet->next--;
}

void chain_pass(struct chain *chain, enum lab_side from, uint8_t *bytes,
	const struct packet_info *info, uint64_t now_ns, struct chain_result *ret_result)
{
	struct chain_packet *first = &ret_result->packets[0];
	size_t i;

	first->packet =
		(struct box_packet){.from = from, .now_ns = now_ns, .bytes = bytes, .info = *info};
	first->injected_by = NULL;
	first->altered_by = NULL;
	first->dropped_by = NULL;
	first->next = from == LAB_CLIENT ? 0 : chain->count;

	ret_result->count = 1;
	chain->result = ret_result;
	for (i = 0; i < ret_result->count; i++)
		pass(chain, &ret_result->packets[i]);
	chain->result = NULL;
}
