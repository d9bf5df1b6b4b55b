/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/* Option 34 as well as the experimental 254 with its magic: packet_parse() knows both. */
static enum box_verdict drop_syn_option(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (packet_is_syn(&packet->info) && packet->info.fastopen_kind)
		return BOX_DROP;
	return BOX_PASS;
}

const struct lab_box box_drop_syn_option = {
	.name = "drop-syn-option",
	.description = "drops a SYN that has the fast-open option, with or without a cookie",
	.packet = drop_syn_option,
};
