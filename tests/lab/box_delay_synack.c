/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

static enum box_verdict delay_synack(struct box *box, struct box_packet *packet)
{
	if (packet->from == LAB_SERVER && packet_is_synack(&packet->info))
		packet->delay_ns += (uint64_t)box->argument * 1000000;
	return BOX_PASS;
}

const struct lab_box box_delay_synack = {
	.name = "delay-synack",
	.argument = "MS",
	.least = 0,
	.most = 60000,
	.description = "holds every SYN-ACK back for MS milliseconds",
	.packet = delay_synack,
};
