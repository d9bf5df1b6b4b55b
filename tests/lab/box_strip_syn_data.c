/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict strip_syn_data(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (box_is_syn_with_data(packet))
		packet->altered = packet_strip_payload(packet->bytes, &packet->info);
	return BOX_PASS;
}

const struct lab_box box_strip_syn_data = {
	.name = "strip-syn-data",
	.description = "takes the data out of a SYN and passes the SYN on",
	.packet = strip_syn_data,
};
