/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PACKETS_H
#define PACKETS_H

/*
 * Records the TCP packets of one port, and lists what they were. Nothing is inferred: every word of
 * the listing stands in the packets.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bits of a TCP header's flags (RFC 9293 section 3.1). */
enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

/* Packets are kept up to this length; what TCP says of its length is kept anyway. */
enum { PACKET_MAX = 65536 };

/* One packet as it was recorded, from its Ethernet or its IP header on. */
struct packet {
	int64_t time_ns;
	bool raw;      /* no Ethernet header */
	size_t length; /* bytes kept */
	uint8_t bytes[PACKET_MAX];
};

/* A TCP segment in a packet. */
struct segment {
	uint16_t source;
	uint16_t target;
	uint32_t sequence;
	uint32_t acknowledgement;
	uint8_t flags;
	int cookie;	 /* length of the fast-open option's cookie, 0 asks for one, -1 no option */
	size_t length;	 /* payload bytes on the wire */
	size_t captured; /* of which these are in the packet */
	const uint8_t *payload;
};

/* Finds the TCP segment of @packet. Returns false when it holds none, or a broken one. */
bool segment_parse(struct segment *segment, const struct packet *packet);

/*
 * pcap files with nanosecond times; all return false when the file fails. Those written have Ethernet
 * headers, those read may be raw IP, as tlsfo-lab writes them: @ret_raw, for every packet of it.
 */
bool pcap_begin(FILE *file);
bool pcap_append(FILE *file, const struct packet *packet);
bool pcap_open(FILE *file, bool *ret_raw);
/* @ret_end is set at the end of the file, where @packet holds nothing. */
bool pcap_next(FILE *file, struct packet *packet, bool *ret_end);

/* The subcommands; they return exit statuses. */
int record(const char *interface, uint16_t port, const char *path);
int list(uint16_t port, bool only_syns, char **paths); /* the last path is NULL */
int syn(uint16_t port, const char *path);

#endif
