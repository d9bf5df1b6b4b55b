/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

enum { SEEN = 1 };

static enum box_verdict drop_first_synack(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || packet->from == LAB_CLIENT || !packet_is_synack(&packet->info))
		return BOX_PASS;
	if (flow->marks == SEEN)
		return BOX_PASS;

	flow->marks = SEEN;
	return BOX_DROP;
}

const struct lab_box box_drop_first_synack = {
	.name = "drop-first-synack",
	.description = "drops the first SYN-ACK of every connection",
	.packet = drop_first_synack,
};
