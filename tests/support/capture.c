/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/capture.h"

#include <stdlib.h>

#include <pcap/pcap.h>

#include "support/suite.h"

/* What the loopback device hands on at once may be many segments long. */
#define SNAPLEN	    70000
#define BUFFER_SIZE (32 << 20)
#define PACKETS_MAX 20000

struct capture {
	pcap_t *pcap;
	struct capture_packet *packets; /* room for PACKETS_MAX: those handed out never move */
	size_t count;
};

struct capture *capture_start(void)
{
	struct bpf_program program;
	char error[PCAP_ERRBUF_SIZE] = "";
	struct capture *capture = calloc(1, sizeof(*capture));

	assert_non_null(capture);
	capture->packets = calloc(PACKETS_MAX, sizeof(*capture->packets));
	assert_non_null(capture->packets);
	capture->pcap = pcap_create("lo", error);
	if (capture->pcap == NULL)
		fail_msg("capture: %s", error);
	assert_int_equal(pcap_set_snaplen(capture->pcap, SNAPLEN), 0);
	assert_int_equal(pcap_set_buffer_size(capture->pcap, BUFFER_SIZE), 0);
	assert_int_equal(pcap_set_immediate_mode(capture->pcap, 1), 0);
	if (pcap_activate(capture->pcap) < 0)
		fail_msg("capture: %s", pcap_geterr(capture->pcap));
	assert_int_equal(pcap_datalink(capture->pcap), DLT_EN10MB);
	assert_int_equal(pcap_compile(capture->pcap, &program, "tcp", 1, PCAP_NETMASK_UNKNOWN), 0);
	assert_int_equal(pcap_setfilter(capture->pcap, &program), 0);
	pcap_freecode(&program);
	assert_int_equal(pcap_setnonblock(capture->pcap, 1, error), 0);
	return capture;
}

void capture_stop(struct capture *capture)
{
	for (size_t i = 0; i < capture->count; i++)
		free((void *)(uintptr_t)capture->packets[i].payload);
	free(capture->packets);
	pcap_close(capture->pcap);
	free(capture);
}

static void add_packet(
	struct capture *capture, const struct pcap_pkthdr *header, const unsigned char *frame)
{
	enum { ETHERNET = 14 };
	const unsigned char *ip = frame + ETHERNET;
	struct packet_info info;

	assert_int_equal(header->caplen, header->len);
	if (packet_parse(ip, header->caplen - ETHERNET, &info) < 0 || !info.tcp)
		return;
	unsigned char *payload = malloc(info.payload_length + 1);
	assert_non_null(payload);
	memcpy(payload, ip + info.payload, info.payload_length);
	capture->packets[capture->count++] = (struct capture_packet){
		.time_us = (int64_t)header->ts.tv_sec * 1000000 + header->ts.tv_usec,
		.from = info.source_port,
		.to = info.destination_port,
		.flags = info.flags,
		.seq = info.seq,
		.ack = info.ack,
		.cookie = info.fastopen_kind != 0 ? info.cookie_length : CAPTURE_NO_OPTION,
		.len = info.payload_length,
		.payload = payload,
	};
}

/* Takes over what was captured since the last call. */
static void drain(struct capture *capture)
{
	struct pcap_pkthdr *header;
	const unsigned char *frame;

	while (pcap_next_ex(capture->pcap, &header, &frame) == 1) {
		assert_true(capture->count < PACKETS_MAX);
		add_packet(capture, header, frame);
	}
}

static const struct capture_packet *find(struct capture *capture, uint16_t from, uint16_t to,
	uint8_t mask, uint8_t flags, size_t nth)
{
	drain(capture);
	for (size_t i = 0; i < capture->count; i++) {
		const struct capture_packet *packet = &capture->packets[i];

		if ((from != 0 && packet->from != from) || (to != 0 && packet->to != to))
			continue;
		if ((packet->flags & mask) == flags && nth-- == 0)
			return packet;
	}
	return NULL;
}

const struct capture_packet *capture_to(
	struct capture *capture, uint16_t port, uint8_t mask, uint8_t flags, size_t nth)
{
	return find(capture, 0, port, mask, flags, nth);
}

const struct capture_packet *capture_from(
	struct capture *capture, uint16_t port, uint8_t mask, uint8_t flags, size_t nth)
{
	return find(capture, port, 0, mask, flags, nth);
}

const struct capture_packet *capture_syn(struct capture *capture, uint16_t port, size_t nth)
{
	return capture_to(capture, port, PACKET_SYN | PACKET_ACK | PACKET_RST, PACKET_SYN, nth);
}

const struct capture_packet *capture_syn_ack(struct capture *capture, uint16_t port, size_t nth)
{
	return capture_from(capture, port, PACKET_SYN | PACKET_ACK, PACKET_SYN | PACKET_ACK, nth);
}

size_t capture_count_syns(struct capture *capture, uint16_t port)
{
	size_t count = 0;

	while (capture_syn(capture, port, count) != NULL)
		count++;
	return count;
}

/* Puts a packet's part of [0, size) in place. Returns the end of it when it continues @len. */
static size_t place(const struct capture_packet *packet, uint32_t start, unsigned char *buf,
	size_t size, size_t len)
{
	uint32_t seq = packet->seq + ((packet->flags & PACKET_SYN) != 0 ? 1 : 0);
	size_t at = seq - start;

	if (at > len || at >= size || at + packet->len <= len)
		return len;
	size_t take = packet->len < size - at ? packet->len : size - at;
	memcpy(buf + at, packet->payload, take);
	return at + take;
}

size_t capture_stream(struct capture *capture, uint16_t port, unsigned char *buf, size_t size)
{
	const struct capture_packet *syn = capture_from(capture, port, PACKET_SYN, PACKET_SYN, 0);
	const struct capture_packet *packet;
	size_t len = 0;

	assert_non_null(syn);
	for (size_t i = 0; (packet = capture_from(capture, port, 0, 0, i)) != NULL; i++)
		if (packet->len > 0)
			len = place(packet, syn->seq + 1, buf, size, len);
	return len;
}
