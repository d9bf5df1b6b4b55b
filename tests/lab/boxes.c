/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "box.h"

/* flow->marks of a connection that a box has dealt with. */
enum { MARKED = 1 };

static enum box_verdict drop_syn_data(struct box *box, struct box_packet *packet)
{
	(void)box;
	return box_is_syn_with_data(packet) ? BOX_DROP : BOX_PASS;
}

/* Option 34 as well as the experimental 254 with its magic: packet_parse() knows both. */
static enum box_verdict drop_syn_option(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (packet_is_syn(&packet->info) && packet->info.fastopen_kind)
		return BOX_DROP;
	return BOX_PASS;
}

/* Both ways: a box that does not know the option lets neither a request nor a cookie through. */
static enum box_verdict strip_option(struct box *box, struct box_packet *packet)
{
	(void)box;
	packet->altered = packet_strip_fastopen(packet->bytes, &packet->info);
	return BOX_PASS;
}

static enum box_verdict strip_syn_data(struct box *box, struct box_packet *packet)
{
	(void)box;
	if (box_is_syn_with_data(packet))
		packet->altered = packet_strip_payload(packet->bytes, &packet->info);
	return BOX_PASS;
}

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

enum { SERVER_ISN = 0x5f5f5f5f, ETHERNET_IPV4_MSS = 1460, ETHERNET_IPV6_MSS = 1440 };

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
		flow->marks = MARKED;
	}
	return flow->marks == MARKED ? BOX_DROP : BOX_PASS;
}

static enum box_verdict swallow_after_syn(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || !flow->syn_data || packet->from == LAB_SERVER)
		return BOX_PASS;
	return box_is_syn_with_data(packet) ? BOX_PASS : BOX_DROP;
}

static enum box_verdict rst_after_syn(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);
	struct packet_reply reset = {.flags = PACKET_RST, .seq = packet->info.ack};
	uint8_t bytes[PACKET_MADE_MAX];

	if (!flow || !flow->syn_data || box_is_syn_with_data(packet))
		return BOX_PASS;
	if (packet_is_synack(&packet->info))
		return BOX_PASS;
	box_inject(box, packet->from, bytes,
		packet_make_reply(&packet->info, &reset, bytes, sizeof(bytes)));
	return BOX_DROP;
}

static enum box_verdict swallow_server_data(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || !flow->syn_data || packet->from == LAB_CLIENT)
		return BOX_PASS;
	return packet->info.payload_length > 0 ? BOX_DROP : BOX_PASS;
}

static enum box_verdict swallow_long(struct box *box, struct box_packet *packet)
{
	bool is_long = packet->info.payload_length > box->argument;

	return packet->from == LAB_CLIENT && is_long ? BOX_DROP : BOX_PASS;
}

static enum box_verdict drop_first_synack(struct box *box, struct box_packet *packet)
{
	struct flow *flow = box_flow(box, packet);

	if (!flow || packet->from == LAB_CLIENT || !packet_is_synack(&packet->info))
		return BOX_PASS;
	if (flow->marks == MARKED)
		return BOX_PASS;

	flow->marks = MARKED;
	return BOX_DROP;
}

static enum box_verdict delay_synack(struct box *box, struct box_packet *packet)
{
	if (packet->from == LAB_SERVER && packet_is_synack(&packet->info))
		packet->delay_ns += (uint64_t)box->argument * 1000000;
	return BOX_PASS;
}

static enum box_verdict clamp_mss(struct box *box, struct box_packet *packet)
{
	packet->altered = packet_clamp_mss(packet->bytes, &packet->info, (uint16_t)box->argument);
	return BOX_PASS;
}

static enum box_verdict swallow(const struct box_packet *packet, int version)
{
	return packet->info.version == version ? BOX_DROP : BOX_PASS;
}

static enum box_verdict swallow_ipv4(struct box *box, struct box_packet *packet)
{
	(void)box;
	return swallow(packet, 4);
}

static enum box_verdict swallow_ipv6(struct box *box, struct box_packet *packet)
{
	(void)box;
	return swallow(packet, 6);
}

/* The box's own addresses, in the networks of the two hosts. */
static struct in6_addr router_address(int version)
{
	static const uint8_t ipv4[4] = {192, 0, 2, 1};
	struct in6_addr ipv6 = {.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};

	return version == 4 ? packet_map_ipv4(ipv4) : ipv6;
}

static enum box_verdict unreachable(struct box *box, struct box_packet *packet)
{
	uint8_t bytes[PACKET_MADE_MAX];
	struct in6_addr router = router_address(packet->info.version);

	if (packet->from != LAB_CLIENT || !packet_is_syn(&packet->info))
		return BOX_PASS;

	box_inject(box, LAB_CLIENT, bytes,
		packet_make_unreachable(
			packet->bytes, &packet->info, &router, bytes, sizeof(bytes)));
	return BOX_DROP;
}

/*
 * The key changes as soon as a cookie made with it is on its way, so every cookie is void on the
 * next visit, however soon that follows.
 */
static enum box_verdict server_key_change(struct box *box, struct box_packet *packet)
{
	if (packet->from == LAB_SERVER && packet_is_synack(&packet->info) &&
		packet->info.cookie_length > 0)
		box_change_server_key(box);
	return BOX_PASS;
}

static const struct lab_box kinds[] = {
	{.name = "drop-syn-data",
		.description = "drops a SYN that carries data",
		.packet = drop_syn_data},
	{.name = "drop-syn-option",
		.description =
			"drops a SYN that has the fast-open option, with or without a cookie",
		.packet = drop_syn_option},
	{.name = "strip-option",
		.description = "replaces the fast-open option by NOPs, in SYN and SYN-ACK",
		.packet = strip_option},
	{.name = "strip-syn-data",
		.description = "takes the data out of a SYN and passes the SYN on",
		.packet = strip_syn_data},
	{.name = "rst-syn-data",
		.description = "answers a SYN that carries data by RST and drops it",
		.packet = rst_syn_data},
	{.name = "fake-ack-syn-data",
		.description =
			"acknowledges SYN data itself, passes nothing on and swallows the rest",
		.packet = fake_ack_syn_data},
	{.name = "swallow-after-syn",
		.description = "passes SYN data on, then swallows all that follows from the client",
		.packet = swallow_after_syn},
	{.name = "rst-after-syn",
		.description = "passes SYN data and SYN-ACK on, then answers both sides by RST",
		.packet = rst_after_syn},
	{.name = "swallow-server-data",
		.description = "after a SYN with data, swallows the data that the server sends",
		.packet = swallow_server_data},
	{.name = "swallow-long",
		.argument = "BYTES",
		.least = 1,
		.most = 65535,
		.description =
			"swallows segments of the client with more than BYTES of data, SYNs too",
		.packet = swallow_long},
	{.name = "drop-first-synack",
		.description = "drops the first SYN-ACK of every connection",
		.packet = drop_first_synack},
	{.name = "delay-synack",
		.argument = "MS",
		.least = 0,
		.most = 60000,
		.description = "holds every SYN-ACK back for MS milliseconds",
		.packet = delay_synack},
	{.name = "clamp-mss",
		.argument = "BYTES",
		.least = 88,
		.most = 65535,
		.description = "lowers the MSS option of SYN and SYN-ACK to BYTES",
		.packet = clamp_mss},
	{.name = "swallow-ipv4",
		.description = "drops everything that is IPv4",
		.packet = swallow_ipv4},
	{.name = "swallow-ipv6",
		.description = "drops everything that is IPv6",
		.packet = swallow_ipv6},
	{.name = "unreachable",
		.description = "answers every SYN by ICMP host unreachable and drops it",
		.packet = unreachable},
	{.name = "server-key-change",
		.description = "changes the server's fast-open key after every cookie it gives out",
		.packet = server_key_change},
	{.name = NULL},
};

const struct lab_box *lab_boxes(void)
{
	return kinds;
}

void lab_list_boxes(FILE *file)
{
	for (const struct lab_box *kind = kinds; kind->name; kind++) {
		const char *argument = kind->argument;
		int width = fprintf(file, "  %s%s%s", kind->name, argument ? "=" : "",
			argument ? argument : "");

		fprintf(file, "%*s%s\n", width < 24 ? 24 - width : 1, "", kind->description);
	}
}
