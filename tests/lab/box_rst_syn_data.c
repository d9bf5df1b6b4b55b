/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/* RFC 9293 section 3.10.7.1: a reset without ACK in the cause acknowledges all the segment held. */
static enum box_verdict rst_syn_data(struct box *box, struct box_packet *packet)
{
	uint8_t bytes[PACKET_MADE_MAX];
	struct packet_reply reset = {.flags = PACKET_RST | PACKET_ACK};

	if (!box_is_syn_with_data(packet))
		return BOX_PASS;

	reset.ack = packet->info.seq + 1 + (uint32_t)packet->info.payload_length;
	box_inject(box, LAB_CLIENT, bytes,
		packet_make_reply(&packet->info, &reset, bytes, sizeof(bytes)));
	return BOX_DROP;
}

const struct lab_box box_rst_syn_data = {
	.name = "rst-syn-data",
	.description = "answers a SYN that carries data by RST and drops it",
	.packet = rst_syn_data,
};
