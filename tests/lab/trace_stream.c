/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The sequence number of the first byte of the stream. The server's comes from its own SYN-ACK:
 * what a box sends in the server's name starts another stream, of which nothing follows.
 */
static bool stream_base(
	const struct trace *trace, int connection, enum lab_side from, uint32_t *ret_base)
{
	size_t i;

	if (from == LAB_CLIENT) {
		*ret_base = trace->flows.flows[connection].isn + 1;
		return true;
	}
	for (i = 0; i < trace->used; i++) {
		const struct lab_packet *packet = &trace->entries[i]->packet;

		if (packet->connection != connection || packet->from != from || packet->injected_by)
			continue;
		if ((packet->flags & (PACKET_SYN | PACKET_ACK)) != (PACKET_SYN | PACKET_ACK))
			continue;

		*ret_base = packet->seq + 1;
		return true;
	}
	return false;
}

/* −1 for a packet without payload in the stream that starts at `base`. */
static int64_t offset_of(const struct lab_packet *packet, uint32_t base)
{
	uint32_t offset = packet->seq + (packet->flags & PACKET_SYN ? 1 : 0) - base;

	if (!packet->payload_length || packet->injected_by || offset > INT32_MAX)
		return -1;
	return offset;
}

int64_t trace_stream_offset(const struct trace *trace, const struct trace_entry *entry)
{
	uint32_t base;

	if (entry->packet.connection < 0 ||
		!stream_base(trace, entry->packet.connection, entry->packet.from, &base))
		return -1;
	return offset_of(&entry->packet, base);
}

static int compare(const void *left, const void *right)
{
	const struct stream_segment *a = left;
	const struct stream_segment *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->entry->packet.index != b->entry->packet.index)
		return a->entry->packet.index < b->entry->packet.index ? -1 : 1;
	return 0;
}

static int find_segments(
	const struct trace *trace, int connection, enum lab_side from, struct stream *stream)
{
	uint32_t base;
	size_t i;

	if (!stream_base(trace, connection, from, &base))
		return 0;

	stream->segments = calloc(trace->used, sizeof(*stream->segments));
	if (!stream->segments)
		return -ENOMEM;

	for (i = 0; i < trace->used; i++) {
		const struct trace_entry *entry = trace->entries[i];
		int64_t offset = offset_of(&entry->packet, base);

		if (entry->packet.connection != connection || entry->packet.from != from ||
			offset < 0)
			continue;

		stream->segments[stream->segment_count++] =
			(struct stream_segment){.entry = entry, .offset = (uint64_t)offset};
	}
	qsort(stream->segments, stream->segment_count, sizeof(*stream->segments), compare);
	return 0;
}

/* Copies up to the first byte that the trace does not have. */
static int join_segments(struct stream *stream)
{
	size_t most = 0;
	size_t i;

	for (i = 0; i < stream->segment_count; i++)
		most += stream->segments[i].entry->packet.payload_kept;
	stream->bytes = malloc(most ? most : 1);
	if (!stream->bytes)
		return -ENOMEM;

	for (i = 0; i < stream->segment_count; i++) {
		const struct lab_packet *packet = &stream->segments[i].entry->packet;
		uint64_t offset = stream->segments[i].offset;
		size_t known;

		if (offset > stream->length)
			return 0;

		known = stream->length - (size_t)offset;
		if (known >= packet->payload_kept)
			continue;

		memcpy(stream->bytes + stream->length, packet->payload + known,
			packet->payload_kept - known);
		stream->length += packet->payload_kept - known;
	}
	return 0;
}

int stream_read(
	const struct trace *trace, int connection, enum lab_side from, struct stream *ret_stream)
{
	struct stream stream = {NULL, 0, NULL, 0};
	int result = find_segments(trace, connection, from, &stream);

	if (result == 0)
		result = join_segments(&stream);
	if (result < 0) {
		stream_clear(&stream);
		return result;
	}

	*ret_stream = stream;
	return 0;
}

void stream_clear(struct stream *stream)
{
	free(stream->bytes);
	free(stream->segments);
	*stream = (struct stream){NULL, 0, NULL, 0};
}
