/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_PACKET_H
#define TLSFO_LAB_PACKET_H

/*
 * IP packets as bytes: what they say, and how a middlebox changes them. Pure: no system call, no
 * clock, no allocation, no state. Every function may be called from any thread.
 *
 * Offsets and lengths are in bytes, ports and sequence numbers in host order. An IPv4 address is
 * kept as its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), so that one type holds both.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flags of the TCP header (RFC 9293 section 3.1). */
enum packet_flag {
	PACKET_FIN = 0x01,
	PACKET_SYN = 0x02,
	PACKET_RST = 0x04,
	PACKET_PSH = 0x08,
	PACKET_ACK = 0x10,
};

/*
 * Option kinds: RFC 7413 section 2.1, and the experimental one of its section 4.1.1 (magic F989), in which
 * Linux asks again a server that gave no cookie.
 */
enum { PACKET_FASTOPEN = 34, PACKET_FASTOPEN_EXPERIMENT = 254 };

/* Room that is enough for every packet a packet_make_ function writes. */
enum { PACKET_MADE_MAX = 1280 };

struct packet_info {
	int version;	  /* 4 or 6 */
	uint8_t protocol; /* IPPROTO_…; of the last IPv6 extension header understood */
	struct in6_addr source;
	struct in6_addr destination;
	size_t ip_length; /* IP header with IPv4 options or IPv6 extension headers */
	size_t length;	  /* the whole packet, as the IP header says */

	bool tcp; /* a complete TCP header; all below is 0 otherwise */
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t seq;
	uint32_t ack;
	uint8_t flags;	/* enum packet_flag */
	size_t payload; /* offset of the TCP payload */
	size_t payload_length;

	uint8_t fastopen_kind; /* 0: no fast-open option */
	uint8_t cookie_length; /* 0 with an option: the cookie is asked for */
	size_t fastopen_at;    /* offset of the option in the packet */
	uint16_t mss;	       /* 0: no such option */
	size_t mss_at;
};

/*
 * Reads a packet. `length` may exceed what the IP header says, never fall short of it.
 *
 * Returns 0, or −EBADMSG when the bytes are no IPv4 or IPv6 packet or a header is cut short;
 * *ret_info is written only on success. A packet that is not TCP, and any fragment, is a success
 * with `tcp` false. A broken option list ends the reading of options, as in most stacks.
 */
int packet_parse(const uint8_t *bytes, size_t length, struct packet_info *ret_info);

/*
 * Reads the packet quoted inside an ICMP or ICMPv6 error: addresses, ports and, if it is there, the
 * sequence number. Returns 0, −ENOENT when this is no ICMP error about a TCP segment.
 */
int packet_parse_quoted(
	const uint8_t *bytes, const struct packet_info *info, struct packet_info *ret_quoted);

/*
 * True if the destination is a multicast or broadcast address, which no wire between two carries.
 */
bool packet_is_multicast(const struct packet_info *info);

/* True for a SYN that is no SYN-ACK. */
static inline bool packet_is_syn(const struct packet_info *info)
{
	return info->tcp && (info->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == PACKET_SYN;
}

static inline bool packet_is_synack(const struct packet_info *info)
{
	return info->tcp &&
	       (info->flags & (PACKET_SYN | PACKET_ACK | PACKET_RST)) == (PACKET_SYN | PACKET_ACK);
}

/*
 * True if every checksum in the packet is right: IPv4 header, TCP, UDP, ICMP, ICMPv6. Protocols
 * without a checksum known here count as right.
 */
bool packet_checksums_good(const uint8_t *bytes, const struct packet_info *info);

/* Writes the IPv4 header checksum and the TCP, ICMP or ICMPv6 checksum anew. */
void packet_fix_checksums(uint8_t *bytes, const struct packet_info *info);

/*
 * Overwrites the fast-open option with NOPs and fixes the checksum; *info follows.
 * Returns false, and does nothing, when there is none.
 */
bool packet_strip_fastopen(uint8_t *bytes, struct packet_info *info);

/*
 * Cuts the TCP payload off, fixes lengths and checksums; *info follows, `info->length` is the new
 * length. Returns false, and does nothing, when there is no payload.
 */
bool packet_strip_payload(uint8_t *bytes, struct packet_info *info);

/*
 * Lowers the MSS option to `mss` and fixes the checksum; *info follows.
 * Returns false, and does nothing, when there is no such option or it is not larger.
 */
bool packet_clamp_mss(uint8_t *bytes, struct packet_info *info, uint16_t mss);

/* What a made TCP segment says; without payload. `mss` 0 means no option. */
struct packet_reply {
	uint8_t flags;
	uint32_t seq;
	uint32_t ack;
	uint16_t mss;
};

/*
 * Writes the segment with which the addressee of `to` would answer it. `to` must be TCP, `room` at
 * least PACKET_MADE_MAX. Returns the length.
 */
size_t packet_make_reply(const struct packet_info *to, const struct packet_reply *reply,
	uint8_t *ret_bytes, size_t room);

/*
 * Writes the ICMP "host unreachable" (RFC 792) or ICMPv6 "address unreachable" (RFC 4443 section
 * 3.1) about the packet, as sent by `router` (IPv4-mapped for an IPv4 packet). It quotes as much as
 * the RFCs want: up to 576 bytes in all (RFC 1812 section 4.3.2.3) or 1280. Returns the length;
 * `room` as above.
 */
size_t packet_make_unreachable(const uint8_t *bytes, const struct packet_info *info,
	const struct in6_addr *router, uint8_t *ret_bytes, size_t room);

/*
 * The same for a packet larger than the path: ICMP "fragmentation needed" (RFC 1191) or ICMPv6
 * "packet too big" (RFC 4443 section 3.2) with the MTU in bytes.
 */
size_t packet_make_too_big(const uint8_t *bytes, const struct packet_info *info, uint16_t mtu,
	const struct in6_addr *router, uint8_t *ret_bytes, size_t room);

/* Big-endian fields at a byte address. */
static inline uint16_t packet_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t packet_get32(const uint8_t *at)
{
	return (uint32_t)packet_get16(at) << 16 | packet_get16(at + 2);
}

static inline void packet_put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void packet_put32(uint8_t *at, uint32_t value)
{
	packet_put16(at, (uint16_t)(value >> 16));
	packet_put16(at + 2, (uint16_t)value);
}

/* The IPv4-mapped form of four bytes in network order. */
struct in6_addr packet_map_ipv4(const uint8_t *four);

#endif
