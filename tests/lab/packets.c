/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* packets records the TCP packets of one port, and lists what they were. */

#include "packets.h"

#include "packet.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_BYTES = 6,
	RECORD_HEADER = 5, /* TLS record: type, version, length (RFC 8446 section 5.1) */
	RECORD_HANDSHAKE = 22,
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_SERVER_HELLO = 2,
	ETHERNET_HEADER = 14,
	BYTES_MOST = 70000
};

/* What must be remembered of the connections to tell what a packet carries. */
struct reader {
	pcap_t *pcap;
	uint16_t port;
	int64_t time_ns;
	int64_t first_ns;	/* time of the first packet */
	uint32_t start[2];	/* initial sequence number of the server, of the client */
	bool started[2];	/* which are known */
	size_t client_syn_data; /* bytes in the last SYN of the client */
	bool to_server;
	struct packet_info info;
	size_t captured; /* bytes of the payload that the file has */
	uint8_t bytes[BYTES_MOST];
};

static bool reader_begin(struct reader *reader, uint16_t port, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];

	memset(reader, 0, sizeof(*reader));
	reader->port = port;
	reader->first_ns = -1;
	reader->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (reader->pcap == NULL)
		fprintf(stderr, "packets: %s: not a record of packets\n", path);
	return reader->pcap != NULL;
}

/* Of a long packet the file may hold the headers only; what is not there is taken for zeros. */
static bool take(struct reader *reader, const struct pcap_pkthdr *header, const uint8_t *frame)
{
	size_t link = pcap_datalink(reader->pcap) == DLT_RAW ? 0 : ETHERNET_HEADER;
	struct packet_info *info = &reader->info;

	if (header->caplen < link || header->caplen > header->len ||
		header->len - link > sizeof(reader->bytes))
		return false;

	size_t captured = header->caplen - link;

	memset(reader->bytes, 0, sizeof(reader->bytes));
	memcpy(reader->bytes, frame + link, captured);
	if (packet_parse(reader->bytes, header->len - link, info) < 0 || !info->tcp)
		return false;
	if (info->source_port != reader->port && info->destination_port != reader->port)
		return false;
	captured = captured > info->payload ? captured - info->payload : 0;
	reader->captured = captured < info->payload_length ? captured : info->payload_length;
	/* Where nanoseconds were asked for, the field of the microseconds holds them. */
	reader->time_ns = header->ts.tv_sec * 1000000000LL + header->ts.tv_usec;
	return true;
}

/* Returns 1 with a segment of the port, 0 at the end, -1 when the file is damaged. */
static int reader_next(struct reader *reader)
{
	struct pcap_pkthdr *header;
	const uint8_t *frame;
	int got;

	do {
		got = pcap_next_ex(reader->pcap, &header, &frame);
		if (got < 0)
			return got == PCAP_ERROR_BREAK ? 0 : -1;
	} while (!take(reader, header, frame));

	reader->to_server = reader->info.destination_port == reader->port;
	if (reader->first_ns < 0)
		reader->first_ns = reader->time_ns;
	if (reader->info.flags & PACKET_SYN) {
		reader->start[reader->to_server] = reader->info.seq;
		reader->started[reader->to_server] = true;
		if (reader->to_server)
			reader->client_syn_data = reader->info.payload_length;
	}
	return 1;
}

static const uint8_t *payload(const struct reader *reader)
{
	return reader->bytes + reader->info.payload;
}

/* Only where a stream begins it is certain that a record begins. */
static bool begins_stream(const struct reader *reader)
{
	uint32_t first = reader->info.seq;

	if (reader->info.flags & PACKET_SYN)
		first++;
	return reader->started[reader->to_server] && first == reader->start[reader->to_server] + 1;
}

/* The length of the handshake record that the stream begins with, or 0 when it is not @type. */
static size_t hello_length(const struct reader *reader, uint8_t type)
{
	const uint8_t *data = payload(reader);

	if (!begins_stream(reader) || reader->captured <= RECORD_HEADER)
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
		{PACKET_SYN, "SYN "},
		{PACKET_FIN, "FIN "},
		{PACKET_RST, "RST "},
		{PACKET_PSH, "PSH "},
		{PACKET_ACK, "ACK "},
	};
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (flags & names[i].bit)
			used += (size_t)snprintf(buf + used, size - used, "%s", names[i].name);
	}
}

static void option_text(const struct packet_info *info, char *buf, size_t size)
{
	if (info->fastopen_kind == 0)
		buf[0] = '\0';
	else if (info->cookie_length == 0)
		snprintf(buf, size, "asks for a cookie");
	else
		snprintf(buf, size, "%s a cookie of %d bytes",
			info->flags & PACKET_ACK ? "gives" : "shows", info->cookie_length);
}

static void bytes_text(const struct reader *reader, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < reader->captured && i < FIRST_BYTES; i++)
		used += (size_t)snprintf(
			buf + used, size - used, "%s%02x", i > 0 ? " " : "", payload(reader)[i]);
}

/* The SYN-ACK tells how much of the SYN it acknowledges. */
static void acknowledged_text(const struct reader *reader, char *buf, size_t size)
{
	uint32_t covered = reader->info.ack - reader->start[1] - 1;

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
	if ((reader->info.flags & (PACKET_SYN | PACKET_ACK)) == (PACKET_SYN | PACKET_ACK))
		acknowledged_text(reader, buf, size);
	else if (whole > reader->info.payload_length)
		snprintf(buf, size, "%s, its first %zu of %zu bytes",
			client > 0 ? "ClientHello" : "ServerHello", reader->info.payload_length,
			whole);
	else if (whole > 0)
		snprintf(buf, size, "%s", client > 0 ? "ClientHello" : "ServerHello");
}

static double to_ms(const struct reader *reader)
{
	return (double)(reader->time_ns - reader->first_ns) / 1e6;
}

static void print_segment(const struct reader *reader)
{
	char flags[24];
	char option[40];
	char bytes[FIRST_BYTES * 3];
	char content[80];

	flags_text(reader->info.flags, flags, sizeof(flags));
	option_text(&reader->info, option, sizeof(option));
	bytes_text(reader, bytes, sizeof(bytes));
	content_text(reader, content, sizeof(content));
	printf("%8.3f  %s  %-11s  %-25s  %6zu", to_ms(reader),
		reader->to_server ? "client > server" : "server > client", flags, option,
		reader->info.payload_length);
	if (content[0] != '\0')
		printf("  %-17s  %s", bytes, content);
	else if (bytes[0] != '\0')
		printf("  %s", bytes);
	printf("\n");
}

static bool is_opening_syn(const struct reader *reader)
{
	return reader->to_server && (reader->info.flags & (PACKET_SYN | PACKET_ACK)) == PACKET_SYN;
}

static int list_file(uint16_t port, bool only_syns, const char *path)
{
	struct reader reader;
	int got;

	if (!reader_begin(&reader, port, path))
		return 1;
	while ((got = reader_next(&reader)) == 1) {
		if (!only_syns || is_opening_syn(&reader))
			print_segment(&reader);
	}
	pcap_close(reader.pcap);
	return got == 0 ? 0 : 1;
}

static int list(uint16_t port, bool only_syns, char **paths)
{
	int status = 0;

	printf("%8s  %-15s  %-11s  %-25s  %6s  %s\n", "ms", "direction", "flags",
		"fast-open option", "length", "first bytes");
	for (; *paths != NULL; paths++)
		status |= list_file(port, only_syns, *paths);
	return status;
}

/* What the first SYN to the port carried, in lines for a script. */
static int tell_syn(uint16_t port, const char *path)
{
	struct reader reader;
	char bytes[FIRST_BYTES * 3];
	bool sent = false;
	bool answered = false;

	if (!reader_begin(&reader, port, path))
		return 1;
	while (!answered && reader_next(&reader) == 1) {
		if (!(reader.info.flags & PACKET_SYN))
			continue;
		if (reader.to_server && !sent) {
			bytes_text(&reader, bytes, sizeof(bytes));
			printf("length=%zu\nbytes=%s\nhello=%zu\n", reader.info.payload_length,
				bytes, hello_length(&reader, HANDSHAKE_CLIENT_HELLO));
			sent = true;
		} else if (!reader.to_server) {
			printf("acknowledged=%u\n", reader.info.ack - reader.start[1] - 1);
			answered = true;
		}
	}
	pcap_close(reader.pcap);
	return sent && answered ? 0 : 1;
}

static const char usage[] =
	"usage: packets record INTERFACE PORT FILE   record until SIGTERM, in pcap format\n"
	"       packets list PORT FILE...            list the packets; PORT is the server's\n"
	"       packets syns PORT FILE...            list the client's SYNs alone\n"
	"       packets syn PORT FILE                tell what the first SYN to PORT carried\n";

static uint16_t port_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *text == '\0' || *end != '\0' || value > UINT16_MAX ? 0 : (uint16_t)value;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 5 && strcmp(verb, "record") == 0 && port_of(argv[3]) != 0)
		return packets_record(argv[2], port_of(argv[3]), argv[4]);

	uint16_t port = argc > 3 ? port_of(argv[2]) : 0;

	if (port != 0 && (strcmp(verb, "list") == 0 || strcmp(verb, "syns") == 0))
		return list(port, strcmp(verb, "syns") == 0, argv + 3);
	if (port != 0 && argc == 4 && strcmp(verb, "syn") == 0)
		return tell_syn(port, argv[3]);
	fputs(usage, stderr);
	return 2;
}
