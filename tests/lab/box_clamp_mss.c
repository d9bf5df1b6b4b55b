/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict clamp_mss(struct box *box, struct box_packet *packet)
{
	packet->altered = packet_clamp_mss(packet->bytes, &packet->info, (uint16_t)box->argument);
	return BOX_PASS;
}

const struct lab_box box_clamp_mss = {
	.name = "clamp-mss",
	.argument = "BYTES",
	.least = 88,
	.most = 65535,
	.description = "lowers the MSS option of SYN and SYN-ACK to BYTES",
	.packet = clamp_mss,
};
