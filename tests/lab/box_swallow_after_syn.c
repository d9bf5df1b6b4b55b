/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict swallow_after_syn(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || !flow->syn_data || packet->from == LAB_SERVER)
		return BOX_PASS;
	return box_is_syn_with_data(packet) ? BOX_PASS : BOX_DROP;
}

const struct lab_box box_swallow_after_syn = {
	.name = "swallow-after-syn",
	.description = "passes SYN data on, then swallows all that follows from the client",
	.packet = swallow_after_syn,
};
