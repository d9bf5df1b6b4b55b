/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "packets.h"

enum {
	FIRST_BYTES = 6,
	RECORD_HEADER = 5, /* TLS record: type, version, length (RFC 8446 section 5.1) */
	RECORD_HANDSHAKE = 22,
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2
};

/* What must be remembered of the connections to tell what a packet carries. */
struct reader {
	FILE *file;
	struct packet *packet;
	struct segment segment;
	uint16_t port;
	bool to_server;
	int64_t first_ns;	/* time of the first packet */
	uint32_t start[2];	/* initial sequence number of the server, of the client */
	bool started[2];	/* which are known */
	size_t client_syn_data; /* bytes in the last SYN of the client */
};

static bool reader_begin(struct reader *reader, uint16_t port, const char *path)
{
	memset(reader, 0, sizeof(*reader));
	reader->port = port;
	reader->first_ns = -1;
	reader->packet = calloc(1, sizeof(*reader->packet));
	reader->file = fopen(path, "rbe");
	if (reader->packet != NULL && reader->file != NULL &&
		pcap_open(reader->file, &reader->packet->raw))
		return true;
	fprintf(stderr, "packets: %s: not a record of packets\n", path);
	return false;
}

static void reader_end(struct reader *reader)
{
	if (reader->file != NULL)
		fclose(reader->file);
	free(reader->packet);
}

/* Returns 1 with a segment of the port, 0 at the end, -1 when the file is damaged. */
static int reader_next(struct reader *reader)
{
	struct segment *segment = &reader->segment;
	bool end = false;

	do {
		if (!pcap_next(reader->file, reader->packet, &end))
			return -1;
		if (end)
			return 0;
	} while (!segment_parse(segment, reader->packet) ||
		 (segment->source != reader->port && segment->target != reader->port));

	reader->to_server = segment->target == reader->port;
	if (reader->first_ns < 0)
		reader->first_ns = reader->packet->time_ns;
	if (segment->flags & TCP_SYN) {
		reader->start[reader->to_server] = segment->sequence;
		reader->started[reader->to_server] = true;
		if (reader->to_server)
			reader->client_syn_data = segment->length;
	}
	return 1;
}

/* Only where a stream begins it is certain that a record begins. */
static bool begins_stream(const struct reader *reader)
{
	uint32_t first = reader->segment.sequence;

	if (reader->segment.flags & TCP_SYN)
		first++;
	return reader->started[reader->to_server] && first == reader->start[reader->to_server] + 1;
}

/* The length of the handshake record that the stream begins with, or 0 when it is not @type. */
static size_t hello_length(const struct reader *reader, uint8_t type)
{
	const uint8_t *data = reader->segment.payload;

	if (!begins_stream(reader) || reader->segment.captured <= RECORD_HEADER)
		return 0;
	if (data[0] != RECORD_HANDSHAKE || data[1] != 3 || data[RECORD_HEADER] != type)
		return 0;
	return RECORD_HEADER + (size_t)(data[3] << 8 | data[4]);
}

static void flags_text(uint8_t flags, char *buf, size_t size)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
		{TCP_SYN, "SYN "},
		{TCP_FIN, "FIN "},
		{TCP_RST, "RST "},
		{TCP_PSH, "PSH "},
		{TCP_ACK, "ACK "},
	};
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (flags & names[i].bit)
			used += (size_t)snprintf(buf + used, size - used, "%s", names[i].name);
	}
}

static void option_text(const struct segment *segment, char *buf, size_t size)
{
	if (segment->cookie < 0)
		buf[0] = '\0';
	else if (segment->cookie == 0)
		snprintf(buf, size, "asks for a cookie");
	else
		snprintf(buf, size, "%s a cookie of %d bytes",
			segment->flags & TCP_ACK ? "gives" : "shows", segment->cookie);
}

static void bytes_text(const struct segment *segment, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < segment->captured && i < FIRST_BYTES; i++)
		used += (size_t)snprintf(
			buf + used, size - used, "%s%02x", i > 0 ? " " : "", segment->payload[i]);
}

/* The SYN-ACK tells how much of the SYN it acknowledges. */
static void acknowledged_text(const struct reader *reader, char *buf, size_t size)
{
	uint32_t covered = reader->segment.acknowledgement - reader->start[1] - 1;

	if (!reader->started[1] || reader->client_syn_data == 0)
		return;
	snprintf(buf, size, "acknowledges %lu of the %zu bytes", (unsigned long)covered,
		reader->client_syn_data);
}

static void content_text(const struct reader *reader, char *buf, size_t size)
{
	size_t client = hello_length(reader, HANDSHAKE_CLIENT_HELLO);
	size_t server = hello_length(reader, HANDSHAKE_SERVER_HELLO);
	size_t whole = client > 0 ? client : server;

	buf[0] = '\0';
	if ((reader->segment.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		acknowledged_text(reader, buf, size);
	else if (whole > reader->segment.length)
		snprintf(buf, size, "%s, its first %zu of %zu bytes",
			client > 0 ? "ClientHello" : "ServerHello", reader->segment.length, whole);
	else if (whole > 0)
		snprintf(buf, size, "%s", client > 0 ? "ClientHello" : "ServerHello");
}

static double to_ms(const struct reader *reader)
{
	return (double)(reader->packet->time_ns - reader->first_ns) / 1e6;
}

static void print_segment(const struct reader *reader)
{
	char flags[24];
	char option[40];
	char bytes[FIRST_BYTES * 3];
	char content[80];

	flags_text(reader->segment.flags, flags, sizeof(flags));
	option_text(&reader->segment, option, sizeof(option));
	bytes_text(&reader->segment, bytes, sizeof(bytes));
	content_text(reader, content, sizeof(content));
	printf("%8.3f  %s  %-11s  %-25s  %6zu", to_ms(reader),
		reader->to_server ? "client > server" : "server > client", flags, option,
		reader->segment.length);
	if (content[0] != '\0')
		printf("  %-17s  %s", bytes, content);
	else if (bytes[0] != '\0')
		printf("  %s", bytes);
	printf("\n");
}

static bool is_opening_syn(const struct reader *reader)
{
	return reader->to_server && (reader->segment.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static int list_file(uint16_t port, bool only_syns, const char *path)
{
	struct reader reader;
	int got = -1;

	if (reader_begin(&reader, port, path)) {
		while ((got = reader_next(&reader)) == 1) {
			if (!only_syns || is_opening_syn(&reader))
				print_segment(&reader);
		}
	}
	reader_end(&reader);
	return got == 0 ? 0 : 1;
}

int list(uint16_t port, bool only_syns, char **paths)
{
	int status = 0;

	printf("%8s  %-15s  %-11s  %-25s  %6s  %s\n", "ms", "direction", "flags",
		"fast-open option", "length", "first bytes");
	for (; *paths != NULL; paths++)
		status |= list_file(port, only_syns, *paths);
	return status;
}

static void print_syn(const struct reader *reader)
{
	size_t hello = hello_length(reader, HANDSHAKE_CLIENT_HELLO);
	char bytes[FIRST_BYTES * 3];

	bytes_text(&reader->segment, bytes, sizeof(bytes));
	printf("length=%zu\n", reader->segment.length);
	printf("bytes=%s\n", bytes);
	printf("hello=%zu\n", hello);
	printf("cookie=%d\n", reader->segment.cookie);
}

int syn(uint16_t port, const char *path)
{
	struct reader reader;
	int got = -1;
	bool sent = false;
	bool answered = false;

	if (!reader_begin(&reader, port, path)) {
		reader_end(&reader);
		return 1;
	}
	while (!answered && (got = reader_next(&reader)) == 1) {
		if (!(reader.segment.flags & TCP_SYN))
			continue;
		if (reader.to_server && !sent) {
			print_syn(&reader);
			sent = true;
		} else if (!reader.to_server) {
			printf("acknowledged=%lu\n",
				(unsigned long)(reader.segment.acknowledgement - reader.start[1] -
						1));
			answered = true;
		}
	}
	reader_end(&reader);
	return got >= 0 && sent && answered ? 0 : 1;
}
