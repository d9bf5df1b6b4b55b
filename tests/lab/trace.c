/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a packet when the room for whole ones is used up. */
enum { HEADERS_KEPT = 128 };

void trace_init(struct trace *trace, size_t bytes_most)
{
	*trace = (struct trace){.first_id = 1, .bytes_left = bytes_most, .bytes_most = bytes_most};
}

static void entry_free(struct trace_entry *entry)
{
	free(entry->bytes);
	free(entry->altered);
	free(entry);
}

void trace_reset(struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->used; i++)
		entry_free(trace->entries[i]);
	flow_table_clear(&trace->flows);
	trace->first_id += trace->used;
	trace->used = 0;
	trace->bytes_left = trace->bytes_most;
}

void trace_clear(struct trace *trace)
{
	trace_reset(trace);
	free(trace->entries);
	trace->entries = NULL;
	trace->room = 0;
}

static size_t bytes_to_keep(struct trace *trace, size_t length)
{
	if (length > trace->bytes_left && length > HEADERS_KEPT)
		length = HEADERS_KEPT;
	trace->bytes_left -= length > trace->bytes_left ? trace->bytes_left : length;
	return length;
}

static uint8_t *copy(const uint8_t *bytes, size_t length)
{
	uint8_t *made = malloc(length ? length : 1);

	if (made)
		memcpy(made, bytes, length);
	return made;
}

/*
 * The connection of a packet, or −1. What a box says in the server's name belongs to it, so does
 * an ICMP error about one of the client's segments.
 */
static int connection_of(struct trace *trace, enum lab_side from, const uint8_t *bytes,
	const struct packet_info *info)
{
	struct packet_info quoted;
	struct flow_key key;
	long found;

	if (info->tcp) {
		found = flow_track(&trace->flows, info, from == LAB_CLIENT);
	} else if (packet_parse_quoted(bytes, info, &quoted) == 0) {
		/* The quoted packet went the other way. */
		key = flow_key_of(&quoted, from == LAB_SERVER);
		found = flow_find(&trace->flows, &key);
	} else {
		return -1;
	}
	return found >= 0 ? (int)found : -1;
}

static void describe(struct trace_entry *entry, const struct packet_info *info)
{
	struct lab_packet *packet = &entry->packet;
	bool from_client = packet->from == LAB_CLIENT;

	packet->ip_version = info->version;
	packet->protocol = info->protocol;
	packet->client_port = from_client ? info->source_port : info->destination_port;
	packet->server_port = from_client ? info->destination_port : info->source_port;
	packet->flags = info->flags;
	packet->seq = info->seq;
	packet->ack = info->ack;
	packet->mss = info->mss;
	packet->fastopen_kind = info->fastopen_kind;
	packet->cookie_length = info->cookie_length;
	packet->payload_length = info->payload_length;
	packet->payload_arrived = info->payload_length;
	if (info->payload_length && entry->kept > info->payload) {
		packet->payload = entry->bytes + info->payload;
		packet->payload_kept = entry->kept - info->payload;
	}
}

static int make_room(struct trace *trace)
{
	size_t room = trace->room ? trace->room * 2 : 256;
	struct trace_entry **entries;

	if (trace->used < trace->room)
		return 0;

	entries = reallocarray(trace->entries, room, sizeof(struct trace_entry *));
	if (!entries)
		return -ENOMEM;

	trace->entries = entries;
	trace->room = room;
	return 0;
}

uint64_t trace_sent(struct trace *trace, enum lab_side from, uint64_t now_ns, const uint8_t *bytes,
	const struct packet_info *info, const char *injected_by)
{
	struct trace_entry *entry = calloc(1, sizeof(*entry));

	if (!entry || make_room(trace) < 0) {
		free(entry);
		return TRACE_NONE;
	}

	entry->length = info->length;
	entry->kept = bytes_to_keep(trace, info->length);
	entry->bytes = copy(bytes, entry->kept);
	if (!entry->bytes) {
		free(entry);
		return TRACE_NONE;
	}

	entry->packet.index = trace->used;
	entry->packet.from = from;
	entry->packet.sent_ns = now_ns;
	entry->packet.injected_by = injected_by;
	entry->packet.connection = connection_of(trace, from, bytes, info);
	if (entry->packet.connection >= 0)
		entry->isn = trace->flows.flows[entry->packet.connection].isn;
	describe(entry, info);
	trace->entries[trace->used++] = entry;
	return trace->first_id + trace->used - 1;
}

static struct trace_entry *find(struct trace *trace, uint64_t id)
{
	if (id < trace->first_id || id - trace->first_id >= trace->used)
		return NULL;
	return trace->entries[id - trace->first_id];
}

void trace_altered(struct trace *trace, uint64_t id, const uint8_t *bytes,
	const struct packet_info *info, const char *by)
{
	struct trace_entry *entry = find(trace, id);

	if (!entry)
		return;

	entry->packet.altered_by = by;
	entry->packet.payload_arrived = info->payload_length;
	free(entry->altered);
	entry->altered_length = info->length;
	entry->altered_kept = bytes_to_keep(trace, info->length);
	entry->altered = copy(bytes, entry->altered_kept);
}

void trace_dropped(struct trace *trace, uint64_t id, const char *by)
{
	struct trace_entry *entry = find(trace, id);

	if (!entry)
		return;

	entry->packet.fate = LAB_DROPPED;
	entry->packet.dropped_by = by;
}

void trace_arrived(struct trace *trace, uint64_t id, uint64_t now_ns)
{
	struct trace_entry *entry = find(trace, id);

	if (!entry)
		return;

	entry->packet.fate = LAB_ARRIVED;
	entry->packet.arrived_ns = now_ns;
}
