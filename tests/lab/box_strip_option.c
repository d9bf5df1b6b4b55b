/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/* Both ways: a box that does not know the option lets neither a request nor a cookie through. */
static enum box_verdict strip_option(struct box *box, struct box_packet *packet)
{
	(void)box;
	packet->altered = packet_strip_fastopen(packet->bytes, &packet->info);
	return BOX_PASS;
}

const struct lab_box box_strip_option = {
	.name = "strip-option",
	.description = "replaces the fast-open option by NOPs, in SYN and SYN-ACK",
	.packet = strip_option,
};
