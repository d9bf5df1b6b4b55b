/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/* The box's own addresses, in the networks of the two hosts. */
static struct in6_addr router_address(int version)
{
	static const uint8_t ipv4[4] = {192, 0, 2, 1};
	struct in6_addr ipv6 = {.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};

	return version == 4 ? packet_map_ipv4(ipv4) : ipv6;
}

static enum box_verdict unreachable(struct box *box, struct box_packet *packet)
{
	uint8_t bytes[PACKET_MADE_MAX];
	struct in6_addr router = router_address(packet->info.version);

	if (packet->from != LAB_CLIENT || !packet_is_syn(&packet->info))
		return BOX_PASS;

	box_inject(box, LAB_CLIENT, bytes,
		packet_make_unreachable(
			packet->bytes, &packet->info, &router, bytes, sizeof(bytes)));
	return BOX_DROP;
}

const struct lab_box box_unreachable = {
	.name = "unreachable",
	.description = "answers every SYN by ICMP host unreachable and drops it",
	.packet = unreachable,
};
