/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict drop_syn_data(struct box *box, struct box_packet *packet)
{
	(void)box;
	return box_is_syn_with_data(packet) ? BOX_DROP : BOX_PASS;
}

const struct lab_box box_drop_syn_data = {
	.name = "drop-syn-data",
	.description = "drops a SYN that carries data",
	.packet = drop_syn_data,
};
