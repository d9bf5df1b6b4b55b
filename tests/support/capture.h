/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_CAPTURE_H
#define SUPPORT_CAPTURE_H

/*
 * What crossed the wire: a capture on the loopback device, through libpcap.
 *
 * A packet is captured on its way to the receiver's TCP, before the packet filter. So whatever the
 * sockets know of, the capture has, and reading it needs no waiting.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/packet.h"

/* capture_packet.cookie of a packet without the fast-open option. */
#define CAPTURE_NO_OPTION (-1)

struct capture_packet {
	int64_t time_us;
	uint16_t from; /* ports, host order */
	uint16_t to;
	uint8_t flags; /* enum packet_flag */
	uint32_t seq;
	uint32_t ack;
	int cookie; /* bytes of cookie; 0: the option asks for one; or CAPTURE_NO_OPTION */
	size_t len; /* of the payload */
	const unsigned char *payload;
};

struct capture;

/* Captures all TCP of the present network, from now on. */
struct capture *capture_start(void);
void capture_stop(struct capture *capture);

/* The @nth packet (from 0) to, or from, @port whose flags under @mask are @flags. It stays until
 * capture_stop(). NULL: there are fewer. */
const struct capture_packet *capture_to(
	struct capture *capture, uint16_t port, uint8_t mask, uint8_t flags, size_t nth);
const struct capture_packet *capture_from(
	struct capture *capture, uint16_t port, uint8_t mask, uint8_t flags, size_t nth);

/* The nth SYN to a server's port, and the nth SYN-ACK from it; NULL: there are fewer. */
const struct capture_packet *capture_syn(struct capture *capture, uint16_t port, size_t nth);
const struct capture_packet *capture_syn_ack(struct capture *capture, uint16_t port, size_t nth);

/* SYNs to a server's port. */
size_t capture_count_syns(struct capture *capture, uint16_t port);

/* The bytes that @port sent, as its receiver puts them together (a connection, so a client's port):
 * data in the SYN first, what was sent again once. Returns their number, up to the first gap or
 * @size. */
size_t capture_stream(struct capture *capture, uint16_t port, unsigned char *buf, size_t size);

#endif
