/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict swallow(const struct box_packet *packet, int version)
{
	return packet->info.version == version ? BOX_DROP : BOX_PASS;
}

static enum box_verdict swallow_ipv4(struct box *box, struct box_packet *packet)
{
	(void)box;
	return swallow(packet, 4);
}

static enum box_verdict swallow_ipv6(struct box *box, struct box_packet *packet)
{
	(void)box;
	return swallow(packet, 6);
}

const struct lab_box box_swallow_ipv4 = {
	.name = "swallow-ipv4",
	.description = "drops everything that is IPv4",
	.packet = swallow_ipv4,
};

const struct lab_box box_swallow_ipv6 = {
	.name = "swallow-ipv6",
	.description = "drops everything that is IPv6",
	.packet = swallow_ipv6,
};
