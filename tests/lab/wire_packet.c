/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "wire_packet.h"

#include <stdlib.h>
#include <string.h>

/* What a pseudo-random number decides; a number of its own for each. */
enum purpose { FOR_LOSS = 1, FOR_JITTER = 2, FOR_REORDER = 3 };

enum { HELD_BACK_LEAST_NS = 1000000 };

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t mix(uint64_t value)
{
	value += 0x9e3779b97f4a7c15U;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
	value = (value ^ value >> 27) * 0x94d049bb133111ebU;
	return value ^ value >> 31;
}

double wire_random(uint64_t seed, enum lab_side from, uint64_t number, unsigned purpose)
{
	uint64_t value = mix(mix(mix(seed) ^ number) ^ (purpose * 2U + (unsigned)from));

	return (double)(value >> 11) * 0x1p-53;
}

static enum lab_side other(enum lab_side side)
{
	return side == LAB_CLIENT ? LAB_SERVER : LAB_CLIENT;
}

static bool decide(
	const struct wire *wire, double probability, enum lab_side from, enum purpose purpose)
{
	return probability > 0 && wire_random(wire->settings.seed, from, wire->ways[from].sent,
					  (unsigned)purpose) < probability;
}

/*
 * When a packet that leaves now arrives. Jitter delays but keeps the order; a packet held back by a
 * box or for reordering lets those behind it pass.
 */
static uint64_t due_ns(struct wire *wire, enum lab_side from, uint64_t now_ns, uint64_t delay_ns)
{
	const struct wire_settings *settings = &wire->settings;
	struct wire_way *way = &wire->ways[from];
	uint64_t due = now_ns + settings->rtt_ns / 2;
	double jitter = wire_random(settings->seed, from, way->sent, FOR_JITTER);

	due += (uint64_t)(jitter * (double)settings->jitter_ns);
	if (decide(wire, settings->reorder, from, FOR_REORDER))
		delay_ns += settings->rtt_ns / 4 + HELD_BACK_LEAST_NS;
	if (delay_ns)
		return due + delay_ns;

	if (due < way->last_due_ns)
		due = way->last_due_ns;
	way->last_due_ns = due;
	return due;
}

static void enqueue(struct wire *wire, const struct box_packet *packet, uint64_t id)
{
	struct wire_way *way = &wire->ways[packet->from];
	struct queue_packet *queued;

	if (way->on_the_way >= wire->settings.queue_packets) {
		trace_dropped(&wire->trace, id, "queue");
		return;
	}

	queued = queue_packet_new(packet->info.length);
	if (!queued) {
		trace_dropped(&wire->trace, id, "memory");
		return;
	}
	memcpy(queued->bytes, packet->bytes, packet->info.length);
	queued->trace_id = id;
	queued->to = (int)other(packet->from);
	queued->due_ns = due_ns(wire, packet->from, packet->now_ns, packet->delay_ns);
	if (queue_push(&wire->queue, queued) < 0) {
		trace_dropped(&wire->trace, id, "memory");
		free(queued);
		return;
	}
	way->on_the_way++;
}

/* What came out of the boxes: the packet itself under the id it has, the boxes' own as new ones. */
static void settle(struct wire *wire, const struct chain_packet *out, uint64_t id)
{
	const struct box_packet *packet = &out->packet;

	if (out->injected_by)
		id = trace_sent(&wire->trace, packet->from, packet->now_ns, packet->bytes,
			&packet->info, out->injected_by);
	else if (out->altered_by)
		trace_altered(&wire->trace, id, packet->bytes, &packet->info, out->altered_by);

	if (out->dropped_by)
		trace_dropped(&wire->trace, id, out->dropped_by);
	else
		enqueue(wire, packet, id);
}

/* The router in the middle has the addresses that end in 1. */
static struct in6_addr router_address(const struct packet_info *about)
{
	struct in6_addr router = about->source;

	router.s6_addr[15] = 1;
	return router;
}

static void answer_too_big(struct wire *wire, enum lab_side from, const uint8_t *bytes,
	const struct packet_info *info, uint64_t now_ns)
{
	uint8_t made[PACKET_MADE_MAX];
	struct in6_addr router = router_address(info);
	struct box_packet answer = {.from = other(from), .now_ns = now_ns, .bytes = made};
	size_t length = packet_make_too_big(
		bytes, info, (uint16_t)wire->settings.path_mtu, &router, made, sizeof(made));
	uint64_t id;

	if (packet_parse(made, length, &answer.info) < 0)
		return;

	id = trace_sent(&wire->trace, answer.from, now_ns, made, &answer.info, "mtu");
	enqueue(wire, &answer, id);
}

bool wire_take(
	struct wire *wire, enum lab_side from, uint8_t *bytes, size_t length, uint64_t now_ns)
{
	const struct wire_settings *settings = &wire->settings;
	struct chain_result result;
	struct packet_info info;
	uint64_t id;
	size_t i;

	if (packet_parse(bytes, length, &info) < 0 || packet_is_multicast(&info))
		return false;

	id = trace_sent(&wire->trace, from, now_ns, bytes, &info, NULL);
	if (decide(wire, settings->loss, from, FOR_LOSS)) {
		trace_dropped(&wire->trace, id, "loss");
	} else if (settings->path_mtu && info.length > settings->path_mtu) {
		trace_dropped(&wire->trace, id, "mtu");
		if (!settings->too_big_silent)
			answer_too_big(wire, from, bytes, &info, now_ns);
	} else {
		chain_pass(&wire->chain, from, bytes, &info, now_ns, &result);
		for (i = 0; i < result.count; i++)
			settle(wire, &result.packets[i], id);
	}
	wire->ways[from].sent++;
	return true;
}
