/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "packets.h"

enum { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };

static const uint32_t magic_nanoseconds = 0xa1b23c4d;
static const int64_t ns_per_s = 1000000000;

struct file_header {
	uint32_t magic;
	uint16_t version_major;
	uint16_t version_minor;
	int32_t zone;
	uint32_t accuracy;
	uint32_t snapshot_length;
	uint32_t linktype;
};

struct packet_header {
	uint32_t seconds;
	uint32_t nanoseconds;
	uint32_t captured;
	uint32_t length;
};

bool pcap_begin(FILE *file)
{
	const struct file_header header = {
		.magic = magic_nanoseconds,
		.version_major = 2,
		.version_minor = 4,
		.snapshot_length = PACKET_MAX,
		.linktype = LINKTYPE_ETHERNET,
	};

	return fwrite(&header, sizeof(header), 1, file) == 1 && fflush(file) == 0;
}

bool pcap_append(FILE *file, const struct packet *packet)
{
	const struct packet_header header = {
		.seconds = (uint32_t)(packet->time_ns / ns_per_s),
		.nanoseconds = (uint32_t)(packet->time_ns % ns_per_s),
		.captured = (uint32_t)packet->length,
		.length = (uint32_t)packet->length,
	};

	return fwrite(&header, sizeof(header), 1, file) == 1 &&
	       fwrite(packet->bytes, packet->length, 1, file) == 1;
}

bool pcap_open(FILE *file, bool *ret_raw)
{
	struct file_header header;

	if (fread(&header, sizeof(header), 1, file) != 1 || header.magic != magic_nanoseconds)
		return false;
	*ret_raw = header.linktype == LINKTYPE_RAW;
	return *ret_raw || header.linktype == LINKTYPE_ETHERNET;
}

bool pcap_next(FILE *file, struct packet *packet, bool *ret_end)
{
	struct packet_header header;
	size_t got = fread(&header, 1, sizeof(header), file);

	packet->length = 0;
	*ret_end = got == 0 && feof(file);
	if (*ret_end)
		return true;
	if (got != sizeof(header) || header.captured > PACKET_MAX)
		return false;
	packet->time_ns = header.seconds * ns_per_s + header.nanoseconds;
	packet->length = header.captured;
	return fread(packet->bytes, 1, packet->length, file) == packet->length;
}
