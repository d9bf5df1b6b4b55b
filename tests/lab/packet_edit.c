/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "packet.h"

#include <assert.h>
#include <string.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	ICMP_HEADER = 8,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	HOP_LIMIT = 64,
	IPV4_ERROR_MAX = 576,
	IPV6_ERROR_MAX = 1280,
};

/* The sum of RFC 1071, not yet folded. Bytes count as if the range began at an even offset. */
static uint32_t sum16(uint32_t sum, const uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += packet_get16(bytes + i);
	if (i < length)
		sum += (uint32_t)bytes[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Offset of the checksum in the header of the protocol; 0 when it has none that is known here. */
static size_t checksum_offset(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

/*
 * Checksum over pseudo header and body with the checksum field as it stands: 0 means right.
 * ICMP alone has no pseudo header. A sum of at most 65,535 bytes fits 32 bits.
 */
static uint16_t transport_checksum(const uint8_t *bytes, const struct packet_info *info)
{
	size_t body = info->length - info->ip_length;
	uint32_t sum = 0;

	if (info->protocol != IPPROTO_ICMP) {
		sum = (uint32_t)body + info->protocol;
		sum = info->version == 4 ? sum16(sum, bytes + 12, 8) : sum16(sum, bytes + 8, 32);
	}
	return fold(sum16(sum, bytes + info->ip_length, body));
}

/* A UDP checksum of zero over IPv4 means that the sender made none (RFC 768). */
static bool has_checksum(const uint8_t *bytes, const struct packet_info *info)
{
	size_t offset = checksum_offset(info->protocol);

	if (!offset || info->length - info->ip_length < offset + 2)
		return false;
	return info->protocol != IPPROTO_UDP || packet_get16(bytes + info->ip_length + offset);
}

bool packet_checksums_good(const uint8_t *bytes, const struct packet_info *info)
{
	if (info->version == 4 && fold(sum16(0, bytes, info->ip_length)) != 0)
		return false;
	return !has_checksum(bytes, info) || transport_checksum(bytes, info) == 0;
}

void packet_fix_checksums(uint8_t *bytes, const struct packet_info *info)
{
	uint8_t *field;

	if (info->version == 4) {
		packet_put16(bytes + 10, 0);
		packet_put16(bytes + 10, fold(sum16(0, bytes, info->ip_length)));
	}
	if (!has_checksum(bytes, info))
		return;

	field = bytes + info->ip_length + checksum_offset(info->protocol);
	packet_put16(field, 0);
	packet_put16(field, transport_checksum(bytes, info));
}

bool packet_strip_fastopen(uint8_t *bytes, struct packet_info *info)
{
	if (!info->fastopen_kind)
		return false;

	memset(bytes + info->fastopen_at, OPTION_NOP, bytes[info->fastopen_at + 1]);
	info->fastopen_kind = 0;
	info->cookie_length = 0;
	info->fastopen_at = 0;
	packet_fix_checksums(bytes, info);
	return true;
}

static void put_ip_length(uint8_t *bytes, const struct packet_info *info)
{
	if (info->version == 4)
		packet_put16(bytes + 2, (uint16_t)info->length);
	else
		packet_put16(bytes + 4, (uint16_t)(info->length - IPV6_HEADER));
}

bool packet_strip_payload(uint8_t *bytes, struct packet_info *info)
{
	if (!info->payload_length)
		return false;

	info->length = info->payload;
	info->payload_length = 0;
	put_ip_length(bytes, info);
	packet_fix_checksums(bytes, info);
	return true;
}

bool packet_clamp_mss(uint8_t *bytes, struct packet_info *info, uint16_t mss)
{
	if (info->mss <= mss)
		return false;

	info->mss = mss;
	packet_put16(bytes + info->mss_at + 2, mss);
	packet_fix_checksums(bytes, info);
	return true;
}

/* An IP header; the lengths in `info` are those of the whole packet to be. */
static void make_ip(uint8_t *bytes, const struct packet_info *info)
{
	if (info->version == 4) {
		memset(bytes, 0, IPV4_HEADER);
		bytes[0] = 0x45;
		bytes[8] = HOP_LIMIT;
		bytes[9] = info->protocol;
		memcpy(bytes + 12, &info->source.s6_addr[12], 4);
		memcpy(bytes + 16, &info->destination.s6_addr[12], 4);
	} else {
		memset(bytes, 0, IPV6_HEADER);
		bytes[0] = 0x60;
		bytes[6] = info->protocol;
		bytes[7] = HOP_LIMIT;
		memcpy(bytes + 8, &info->source, 16);
		memcpy(bytes + 24, &info->destination, 16);
	}
	put_ip_length(bytes, info);
}

size_t packet_make_reply(const struct packet_info *to, const struct packet_reply *reply,
	uint8_t *ret_bytes, size_t room)
{
	size_t options = reply->mss ? 4 : 0;
	struct packet_info info = {
		.version = to->version,
		.protocol = IPPROTO_TCP,
		.source = to->destination,
		.destination = to->source,
		.ip_length = to->version == 4 ? IPV4_HEADER : IPV6_HEADER,
	};
	uint8_t *tcp;

	assert(room >= PACKET_MADE_MAX);
	info.length = info.ip_length + TCP_HEADER + options;
	make_ip(ret_bytes, &info);

	tcp = ret_bytes + info.ip_length;
	memset(tcp, 0, TCP_HEADER + options);
	packet_put16(tcp, to->destination_port);
	packet_put16(tcp + 2, to->source_port);
	packet_put32(tcp + 4, reply->seq);
	packet_put32(tcp + 8, reply->ack);
	tcp[12] = (uint8_t)((TCP_HEADER + options) / 4 << 4);
	tcp[13] = reply->flags;
	packet_put16(tcp + 14, reply->flags & PACKET_RST ? 0 : 0xffff);
	if (options) {
		tcp[TCP_HEADER] = OPTION_MSS;
		tcp[TCP_HEADER + 1] = 4;
		packet_put16(tcp + TCP_HEADER + 2, reply->mss);
	}
	packet_fix_checksums(ret_bytes, &info);
	return info.length;
}

/* The four bytes after type, code and checksum differ between the errors: `rest`. */
static size_t make_icmp_error(const uint8_t *bytes, const struct packet_info *about, uint8_t type,
	uint8_t code, uint32_t rest, const struct in6_addr *router, uint8_t *ret_bytes)
{
	bool four = about->version == 4;
	size_t most = four ? IPV4_ERROR_MAX : IPV6_ERROR_MAX;
	size_t quoted = about->length;
	struct packet_info info = {
		.version = about->version,
		.protocol = four ? IPPROTO_ICMP : IPPROTO_ICMPV6,
		.source = *router,
		.destination = about->source,
		.ip_length = four ? IPV4_HEADER : IPV6_HEADER,
	};
	uint8_t *icmp;

	if (quoted > most - info.ip_length - ICMP_HEADER)
		quoted = most - info.ip_length - ICMP_HEADER;
	info.length = info.ip_length + ICMP_HEADER + quoted;
	make_ip(ret_bytes, &info);

	icmp = ret_bytes + info.ip_length;
	icmp[0] = type;
	icmp[1] = code;
	packet_put32(icmp + 4, rest);
	memcpy(icmp + ICMP_HEADER, bytes, quoted);
	packet_fix_checksums(ret_bytes, &info);
	return info.length;
}

size_t packet_make_unreachable(const uint8_t *bytes, const struct packet_info *info,
	const struct in6_addr *router, uint8_t *ret_bytes, size_t room)
{
	assert(room >= PACKET_MADE_MAX);

	/* Type 3 code 1, host unreachable; ICMPv6 type 1 code 3, address unreachable. */
	if (info->version == 4)
		return make_icmp_error(bytes, info, 3, 1, 0, router, ret_bytes);
	return make_icmp_error(bytes, info, 1, 3, 0, router, ret_bytes);
}

size_t packet_make_too_big(const uint8_t *bytes, const struct packet_info *info, uint16_t mtu,
	const struct in6_addr *router, uint8_t *ret_bytes, size_t room)
{
	assert(room >= PACKET_MADE_MAX);

	if (info->version == 4)
		return make_icmp_error(bytes, info, 3, 4, mtu, router, ret_bytes);
	return make_icmp_error(bytes, info, 2, 0, mtu, router, ret_bytes);
}
