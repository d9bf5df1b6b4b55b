/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict swallow_server_data(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || !flow->syn_data || packet->from == LAB_CLIENT)
		return BOX_PASS;
	return packet->info.payload_length > 0 ? BOX_DROP : BOX_PASS;
}

const struct lab_box box_swallow_server_data = {
	.name = "swallow-server-data",
	.description = "after a SYN with data, swallows the data that the server sends",
	.packet = swallow_server_data,
};
