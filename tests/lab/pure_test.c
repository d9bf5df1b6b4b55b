/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pure_test.h"

#include <string.h>

/* RFC 1071 in its plainest form: 16 bits at a time, the carry added back each time. */
static uint16_t add(uint16_t sum, const uint8_t *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i += 2) {
		uint32_t word = (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
		uint32_t next = sum + word;

		sum = (uint16_t)(next > 0xffff ? next - 0xffff : next);
	}
	return sum;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value / 256);
	at[1] = (uint8_t)(value % 256);
}

static size_t make_ipv4(const struct made_tcp *made, size_t body, uint8_t *bytes)
{
	static const uint8_t client[4] = {192, 0, 2, 10};
	static const uint8_t server[4] = {192, 0, 2, 20};

	memset(bytes, 0, 20);
	bytes[0] = 0x45;
	put16(bytes + 2, (uint16_t)(20 + body));
	bytes[8] = 64;
	bytes[9] = 6;
	memcpy(bytes + 12, made->from_server ? server : client, 4);
	memcpy(bytes + 16, made->from_server ? client : server, 4);
	put16(bytes + 10, (uint16_t)~add(0, bytes, 20));
	return 20;
}

static size_t make_ipv6(const struct made_tcp *made, size_t body, uint8_t *bytes)
{
	static const uint8_t client[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x10};
	static const uint8_t server[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x20};

	memset(bytes, 0, 40);
	bytes[0] = 0x60;
	put16(bytes + 4, (uint16_t)body);
	bytes[6] = 6;
	bytes[7] = 64;
	memcpy(bytes + 8, made->from_server ? server : client, 16);
	memcpy(bytes + 24, made->from_server ? client : server, 16);
	return 40;
}

size_t make_tcp(const struct made_tcp *made, uint8_t ret_bytes[static MADE_MAX])
{
	uint16_t client_port = made->client_port ? made->client_port : MADE_CLIENT_PORT;
	size_t body = 20 + made->options_length + made->payload_length;
	uint8_t pseudo[4] = {0, 6, 0, 0};
	uint16_t sum;
	uint8_t *tcp;
	size_t ip;

	ip = made->version == 4 ? make_ipv4(made, body, ret_bytes)
				: make_ipv6(made, body, ret_bytes);
	tcp = ret_bytes + ip;
	memset(tcp, 0, 20);
	put16(tcp, made->from_server ? MADE_SERVER_PORT : client_port);
	put16(tcp + 2, made->from_server ? client_port : MADE_SERVER_PORT);
	put16(tcp + 4, (uint16_t)(made->seq >> 16));
	put16(tcp + 6, (uint16_t)made->seq);
	put16(tcp + 8, (uint16_t)(made->ack >> 16));
	put16(tcp + 10, (uint16_t)made->ack);
	tcp[12] = (uint8_t)((20 + made->options_length) / 4 * 16);
	tcp[13] = made->flags;
	put16(tcp + 14, 0xffff);
	if (made->options_length)
		memcpy(tcp + 20, made->options, made->options_length);
	if (made->payload_length)
		memcpy(tcp + 20 + made->options_length, made->payload, made->payload_length);

	put16(pseudo + 2, (uint16_t)body);
	sum = made->version == 4 ? add(0, ret_bytes + 12, 8) : add(0, ret_bytes + 8, 32);
	sum = add(add(sum, pseudo, 4), tcp, body);
	put16(tcp + 16, (uint16_t)~sum);
	return ip + body;
}

struct packet_info make_and_parse(const struct made_tcp *made, uint8_t ret_bytes[static MADE_MAX])
{
	struct packet_info info = {0};
	size_t length = make_tcp(made, ret_bytes);

	assert_int_equal(packet_parse(ret_bytes, length, &info), 0);
	return info;
}
