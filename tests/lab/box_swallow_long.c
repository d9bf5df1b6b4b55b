/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict swallow_long(struct box *box, struct box_packet *packet)
{
	bool is_long = packet->info.payload_length > box->argument;

	return packet->from == LAB_CLIENT && is_long ? BOX_DROP : BOX_PASS;
}

const struct lab_box box_swallow_long = {
	.name = "swallow-long",
	.argument = "BYTES",
	.least = 1,
	.most = 65535,
	.description = "swallows segments of the client with more than BYTES of data, SYNs too",
	.packet = swallow_long,
};
