/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "recording.h"

#include <string.h>

void recording_segment(struct recording *recording, struct made_tcp made, const char *by)
{
	uint8_t bytes[MADE_MAX];
	struct packet_info info;
	uint64_t id;

	made.version = 6;
	info = make_and_parse(&made, bytes);
	id = trace_sent(&recording->trace, made.from_server ? LAB_SERVER : LAB_CLIENT,
		recording->now, bytes, &info, NULL);
	if (by)
		trace_dropped(&recording->trace, id, by);
	else
		trace_arrived(&recording->trace, id, recording->now + recording->half_ns);
	recording->now++;
}

void recording_syn(struct recording *recording, const void *payload, size_t length)
{
	recording_segment(recording,
		(struct made_tcp){.flags = PACKET_SYN,
			.seq = CLIENT_ISN,
			.payload = payload,
			.payload_length = length},
		NULL);
}

void recording_synack(struct recording *recording, uint32_t acknowledged)
{
	recording_segment(recording,
		(struct made_tcp){.flags = PACKET_SYN | PACKET_ACK,
			.seq = SERVER_ISN,
			.ack = CLIENT_ISN + 1 + acknowledged,
			.from_server = true},
		NULL);
}

void recording_data(struct recording *recording, enum lab_side from, uint32_t offset,
	const void *bytes, size_t length, const char *by)
{
	recording_segment(recording,
		(struct made_tcp){.flags = PACKET_ACK,
			.from_server = from == LAB_SERVER,
			.seq = (from == LAB_SERVER ? SERVER_ISN : CLIENT_ISN) + 1 + offset,
			.payload = bytes,
			.payload_length = length},
		by);
}

size_t put_record(uint8_t *at, uint8_t type, size_t body)
{
	memset(at, 0, RECORD_HEADER + body);
	at[0] = type;
	at[1] = 3;
	at[2] = 3;
	packet_put16(at + 3, (uint16_t)body);
	return RECORD_HEADER + body;
}

size_t put_server_hello(uint8_t *at)
{
	static const uint8_t extensions[] = {0, 6, 0, 43, 0, 2, 3, 4};
	size_t length = put_record(at, TLS_HANDSHAKE, 4 + 2 + 32 + 1 + 3 + sizeof(extensions));

	at[5] = TLS_SERVER_HELLO;
	at[8] = (uint8_t)(length - 9);
	memcpy(at + length - sizeof(extensions), extensions, sizeof(extensions));
	return length;
}

size_t put_early_hello(uint8_t *at)
{
	static const uint8_t extensions[] = {0, 4, 0, 42, 0, 0};
	size_t length = put_record(at, TLS_HANDSHAKE, 4 + 2 + 32 + 1 + 2 + 1 + sizeof(extensions));

	at[5] = TLS_CLIENT_HELLO;
	at[8] = (uint8_t)(length - 9);
	memcpy(at + length - sizeof(extensions), extensions, sizeof(extensions));
	return length;
}

struct recording recording_start(void)
{
	struct recording recording = {.now = 100, .half_ns = HALF_NS};

	trace_init(&recording.trace, 1 << 20);
	return recording;
}
