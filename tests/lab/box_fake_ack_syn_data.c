/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

enum { CAUGHT = 1, SERVER_ISN = 0x5f5f5f5f, ETHERNET_IPV4_MSS = 1460, ETHERNET_IPV6_MSS = 1440 };

static void acknowledge(struct box *box, const struct packet_info *syn)
{
	uint8_t bytes[PACKET_MADE_MAX];
	struct packet_reply synack = {
		.flags = PACKET_SYN | PACKET_ACK,
		.seq = SERVER_ISN,
		.ack = syn->seq + 1 + (uint32_t)syn->payload_length,
		.mss = syn->version == 4 ? ETHERNET_IPV4_MSS : ETHERNET_IPV6_MSS,
	};

	box_inject(box, LAB_CLIENT, bytes, packet_make_reply(syn, &synack, bytes, sizeof(bytes)));
}

/* The server never hears of the connection, so there is nothing of its to swallow. */
static enum box_verdict fake_ack_syn_data(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow)
		return BOX_PASS;

	if (box_is_syn_with_data(packet)) {
		acknowledge(box, &packet->info);
		flow->marks = CAUGHT;
	}
	return flow->marks == CAUGHT ? BOX_DROP : BOX_PASS;
}

const struct lab_box box_fake_ack_syn_data = {
	.name = "fake-ack-syn-data",
	.description = "acknowledges SYN data itself, passes nothing on and swallows the rest",
	.packet = fake_ack_syn_data,
};
