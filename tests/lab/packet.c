/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "packet.h"

#include <errno.h>
#include <string.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	IPV4_MORE_FRAGMENTS = 0x2000,
	IPV4_FRAGMENT_OFFSET = 0x1fff,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	FASTOPEN_MAGIC = 0xf989,
	ICMP_UNREACHABLE = 3,
	ICMPV6_ERROR_LIMIT = 128,
};

struct in6_addr packet_map_ipv4(const uint8_t *four)
{
	struct in6_addr address = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

	memcpy(&address.s6_addr[12], four, 4);
	return address;
}

static int parse_ipv4(const uint8_t *bytes, size_t length, struct packet_info *info)
{
	uint16_t fragment;

	if (length < IPV4_HEADER)
		return -EBADMSG;

	info->version = 4;
	info->ip_length = (size_t)(bytes[0] & 0x0f) * 4;
	info->length = packet_get16(bytes + 2);
	if (info->ip_length < IPV4_HEADER || info->length < info->ip_length ||
		info->length > length)
		return -EBADMSG;

	info->source = packet_map_ipv4(bytes + 12);
	info->destination = packet_map_ipv4(bytes + 16);
	fragment = packet_get16(bytes + 6) & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET);
	info->protocol = fragment ? (uint8_t)IPPROTO_RAW : bytes[9];
	return 0;
}

/* Hop-by-hop, routing and destination options share one layout (RFC 8200 section 4). */
static bool is_plain_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS;
}

static int parse_ipv6(const uint8_t *bytes, size_t length, struct packet_info *info)
{
	uint8_t next;

	if (length < IPV6_HEADER)
		return -EBADMSG;

	info->version = 6;
	info->length = IPV6_HEADER + (size_t)packet_get16(bytes + 4);
	if (info->length > length)
		return -EBADMSG;

	memcpy(&info->source, bytes + 8, sizeof(info->source));
	memcpy(&info->destination, bytes + 24, sizeof(info->destination));

	info->ip_length = IPV6_HEADER;
	next = bytes[6];
	while (is_plain_extension(next)) {
		if (info->ip_length + 8 > info->length)
			return -EBADMSG;

		next = bytes[info->ip_length];
		info->ip_length += ((size_t)bytes[info->ip_length + 1] + 1) * 8;
		if (info->ip_length > info->length)
			return -EBADMSG;
	}
	info->protocol = next == IPPROTO_FRAGMENT ? (uint8_t)IPPROTO_RAW : next;
	return 0;
}

static void parse_option(const uint8_t *option, size_t at, struct packet_info *info)
{
	uint8_t size = option[1];

	switch (option[0]) {
	case OPTION_MSS:
		if (size != 4)
			return;
		info->mss = packet_get16(option + 2);
		info->mss_at = at;
		return;
	case PACKET_FASTOPEN:
		info->fastopen_kind = PACKET_FASTOPEN;
		info->cookie_length = (uint8_t)(size - 2);
		info->fastopen_at = at;
		return;
	case PACKET_FASTOPEN_EXPERIMENT:
		if (size < 4 || packet_get16(option + 2) != FASTOPEN_MAGIC)
			return;
		info->fastopen_kind = PACKET_FASTOPEN_EXPERIMENT;
		info->cookie_length = (uint8_t)(size - 4);
		info->fastopen_at = at;
		return;
	default:
		return;
	}
}

static void parse_options(const uint8_t *bytes, size_t at, size_t end, struct packet_info *info)
{
	while (at < end && bytes[at] != OPTION_END) {
		if (bytes[at] == OPTION_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || bytes[at + 1] < 2 || bytes[at + 1] > end - at)
			return;

		parse_option(bytes + at, at, info);
		at += bytes[at + 1];
	}
}

static int parse_tcp(const uint8_t *bytes, struct packet_info *info)
{
	const uint8_t *tcp = bytes + info->ip_length;
	size_t header;

	if (info->length - info->ip_length < TCP_HEADER)
		return -EBADMSG;

	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < TCP_HEADER || header > info->length - info->ip_length)
		return -EBADMSG;

	info->tcp = true;
	info->source_port = packet_get16(tcp);
	info->destination_port = packet_get16(tcp + 2);
	info->seq = packet_get32(tcp + 4);
	info->ack = packet_get32(tcp + 8);
	info->flags = tcp[13];
	info->payload = info->ip_length + header;
	info->payload_length = info->length - info->payload;
	parse_options(bytes, info->ip_length + TCP_HEADER, info->payload, info);
	return 0;
}

int packet_parse(const uint8_t *bytes, size_t length, struct packet_info *ret_info)
{
	struct packet_info info = {0};
	int result = -EBADMSG;

	if (length > 0 && bytes[0] >> 4 == 4)
		result = parse_ipv4(bytes, length, &info);
	else if (length > 0 && bytes[0] >> 4 == 6)
		result = parse_ipv6(bytes, length, &info);

	if (result == 0 && info.protocol == IPPROTO_TCP)
		result = parse_tcp(bytes, &info);
	if (result == 0)
		*ret_info = info;
	return result;
}

static bool is_icmp_error(const uint8_t *bytes, const struct packet_info *info)
{
	if (info->length - info->ip_length < 8)
		return false;
	if (info->protocol == IPPROTO_ICMP)
		return bytes[info->ip_length] == ICMP_UNREACHABLE;
	return info->protocol == IPPROTO_ICMPV6 && bytes[info->ip_length] < ICMPV6_ERROR_LIMIT;
}

int packet_parse_quoted(
	const uint8_t *bytes, const struct packet_info *info, struct packet_info *ret_quoted)
{
	struct packet_info quoted = {.version = info->version};
	const uint8_t *ip;
	size_t size;

	if (!is_icmp_error(bytes, info))
		return -ENOENT;

	ip = bytes + info->ip_length + 8;
	size = info->length - info->ip_length - 8;
	quoted.ip_length = info->version == 4 ? IPV4_HEADER : IPV6_HEADER;
	if (size < quoted.ip_length)
		return -ENOENT;
	if (info->version == 4)
		quoted.ip_length = (size_t)(ip[0] & 0x0f) * 4;
	quoted.protocol = info->version == 4 ? ip[9] : ip[6];

	/* RFC 792 promises no more than eight bytes after the header. */
	if (quoted.protocol != IPPROTO_TCP || size < quoted.ip_length + 8)
		return -ENOENT;

	if (info->version == 4) {
		quoted.source = packet_map_ipv4(ip + 12);
		quoted.destination = packet_map_ipv4(ip + 16);
	} else {
		memcpy(&quoted.source, ip + 8, sizeof(quoted.source));
		memcpy(&quoted.destination, ip + 24, sizeof(quoted.destination));
	}
	quoted.source_port = packet_get16(ip + quoted.ip_length);
	quoted.destination_port = packet_get16(ip + quoted.ip_length + 2);
	quoted.seq = packet_get32(ip + quoted.ip_length + 4);
	*ret_quoted = quoted;
	return 0;
}

bool packet_is_multicast(const struct packet_info *info)
{
	const uint8_t *to = info->destination.s6_addr;

	if (info->version == 6)
		return to[0] == 0xff;
	return to[12] >= 224;
}
