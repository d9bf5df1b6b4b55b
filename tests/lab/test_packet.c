/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A packet is read and changed as RFC 9293 and RFC 7413 have it, and one that is broken is refused.
 */

#include "pure_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* MSS 1460, NOP, NOP, fast open with a cookie of eight bytes, NOP, NOP. */
static const uint8_t cookie_options[] = {2, 4, 0x05, 0xb4, 1, 1, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t request_options[] = {2, 4, 0x05, 0xa0, 34, 2, 1, 1};
static const uint8_t experiment_options[] = {254, 12, 0xf9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t other_experiment_options[] = {254, 4, 0x12, 0x34};
static const char payload[] = "odd bytes";

static struct made_tcp syn_with_data(int version)
{
	return (struct made_tcp){
		.version = version,
		.flags = PACKET_SYN,
		.seq = 0xfffffffe,
		.options = cookie_options,
		.options_length = sizeof(cookie_options),
		.payload = payload,
		.payload_length = sizeof(payload) - 1,
	};
}

static void for_both(void (*check)(int version))
{
	check(4);
	check(6);
}

static void check_parse(int version)
{
	struct made_tcp made = syn_with_data(version);
	uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	assert_int_equal(info.version, version);
	assert_true(info.tcp);
	assert_true(packet_is_syn(&info));
	assert_false(packet_is_synack(&info));
	assert_int_equal(info.source_port, MADE_CLIENT_PORT);
	assert_int_equal(info.destination_port, MADE_SERVER_PORT);
	assert_int_equal(info.seq, 0xfffffffe);
	assert_int_equal(info.mss, 1460);
	assert_int_equal(info.fastopen_kind, PACKET_FASTOPEN);
	assert_int_equal(info.cookie_length, 8);
	assert_int_equal(info.payload_length, sizeof(payload) - 1);
	assert_memory_equal(bytes + info.payload, payload, sizeof(payload) - 1);
	assert_true(packet_checksums_good(bytes, &info));
}

static void syn_is_understood(void **state)
{
	(void)state;
	for_both(check_parse);
}

static struct packet_info parse_options(const uint8_t *options, size_t length)
{
	struct made_tcp made = {
		.version = 4, .flags = PACKET_SYN, .options = options, .options_length = length};
	uint8_t bytes[MADE_MAX];

	return make_and_parse(&made, bytes);
}

static void cookie_request_has_no_cookie(void **state)
{
	struct packet_info info = parse_options(request_options, sizeof(request_options));

	(void)state;
	assert_int_equal(info.fastopen_kind, PACKET_FASTOPEN);
	assert_int_equal(info.cookie_length, 0);
	assert_int_equal(info.mss, 1440);
}

static void experimental_option_needs_its_magic(void **state)
{
	struct packet_info info = parse_options(experiment_options, sizeof(experiment_options));

	(void)state;
	assert_int_equal(info.fastopen_kind, PACKET_FASTOPEN_EXPERIMENT);
	assert_int_equal(info.cookie_length, 8);
	info = parse_options(other_experiment_options, sizeof(other_experiment_options));
	assert_int_equal(info.fastopen_kind, 0);
}

static void broken_options_end_the_list(void **state)
{
	static const uint8_t zero_length[] = {34, 0, 34, 2};
	static const uint8_t too_long[] = {1, 1, 34, 40};
	static const uint8_t after_end[] = {0, 0, 34, 2};

	(void)state;
	assert_int_equal(parse_options(zero_length, 4).fastopen_kind, 0);
	assert_int_equal(parse_options(too_long, 4).fastopen_kind, 0);
	assert_int_equal(parse_options(after_end, 4).fastopen_kind, 0);
}

static void check_cut_short(int version)
{
	struct made_tcp made = syn_with_data(version);
	struct packet_info info;
	uint8_t bytes[MADE_MAX];
	size_t length = make_tcp(&made, bytes);
	size_t i;

	for (i = 0; i < length; i++) {
		uint8_t *exact = malloc(i + 1);

		assert_non_null(exact);
		memcpy(exact, bytes, i);
		assert_int_equal(packet_parse(exact, i, &info), -EBADMSG);
		free(exact);
	}
}

static void packet_cut_short_is_refused(void **state)
{
	(void)state;
	for_both(check_cut_short);
}

static void header_that_lies_is_refused(void **state)
{
	struct made_tcp made = syn_with_data(4);
	struct packet_info info;
	uint8_t bytes[MADE_MAX];
	size_t length = make_tcp(&made, bytes);

	(void)state;
	bytes[20 + 12] = 0x40;
	assert_int_equal(packet_parse(bytes, length, &info), -EBADMSG);
	make_tcp(&made, bytes);
	bytes[0] = 0x44;
	assert_int_equal(packet_parse(bytes, length, &info), -EBADMSG);
	make_tcp(&made, bytes);
	bytes[0] = 0x75;
	assert_int_equal(packet_parse(bytes, length, &info), -EBADMSG);
	assert_int_equal(packet_parse(bytes, 0, &info), -EBADMSG);
}

static void fragment_is_not_tcp(void **state)
{
	struct made_tcp made = syn_with_data(4);
	struct packet_info info;
	uint8_t bytes[MADE_MAX];
	size_t length = make_tcp(&made, bytes);

	(void)state;
	bytes[6] = 0x20;
	assert_int_equal(packet_parse(bytes, length, &info), 0);
	assert_false(info.tcp);
}

static void ipv6_extensions_are_passed_over(void **state)
{
	struct made_tcp made = syn_with_data(6);
	struct packet_info info;
	uint8_t plain[MADE_MAX];
	uint8_t bytes[MADE_MAX + 8] = {0};
	size_t length = make_tcp(&made, plain);

	(void)state;
	memcpy(bytes, plain, 40);
	bytes[6] = 60;
	packet_put16(bytes + 4, (uint16_t)(length - 40 + 8));
	bytes[40] = 6;
	memcpy(bytes + 48, plain + 40, length - 40);
	assert_int_equal(packet_parse(bytes, length + 8, &info), 0);
	assert_true(info.tcp);
	assert_int_equal(info.seq, 0xfffffffe);
	assert_true(packet_checksums_good(bytes, &info));
}

static void check_flipped_bits(int version)
{
	struct made_tcp made = syn_with_data(version);
	uint8_t bytes[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);
	size_t i;

	for (i = info.ip_length; i < info.length; i++) {
		bytes[i] ^= 0x10;
		assert_false(packet_checksums_good(bytes, &info));
		bytes[i] ^= 0x10;
	}
	assert_true(packet_checksums_good(bytes, &info));
}

static void wrong_checksum_is_seen(void **state)
{
	(void)state;
	for_both(check_flipped_bits);
}

/* The packet under change must equal the one made that way from the start. */
static void check_strip_option(int version)
{
	static const uint8_t stripped[] = {2, 4, 0x05, 0xb4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct made_tcp made = syn_with_data(version);
	uint8_t bytes[MADE_MAX];
	uint8_t expected[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	assert_true(packet_strip_fastopen(bytes, &info));
	made.options = stripped;
	assert_int_equal(make_tcp(&made, expected), info.length);
	assert_memory_equal(bytes, expected, info.length);
	assert_int_equal(info.fastopen_kind, 0);
	assert_false(packet_strip_fastopen(bytes, &info));
}

static void stripped_option_becomes_nops(void **state)
{
	(void)state;
	for_both(check_strip_option);
}

static void check_strip_payload(int version)
{
	struct made_tcp made = syn_with_data(version);
	uint8_t bytes[MADE_MAX];
	uint8_t expected[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	assert_true(packet_strip_payload(bytes, &info));
	made.payload_length = 0;
	assert_int_equal(make_tcp(&made, expected), info.length);
	assert_memory_equal(bytes, expected, info.length);
	assert_int_equal(info.payload_length, 0);
	assert_false(packet_strip_payload(bytes, &info));
}

static void stripped_payload_shortens_the_packet(void **state)
{
	(void)state;
	for_both(check_strip_payload);
}

static void check_clamp(int version)
{
	static const uint8_t clamped[] = {2, 4, 0x02, 0x18, 1, 1, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8};
	struct made_tcp made = syn_with_data(version);
	uint8_t bytes[MADE_MAX];
	uint8_t expected[MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);

	assert_false(packet_clamp_mss(bytes, &info, 1460));
	assert_true(packet_clamp_mss(bytes, &info, 536));
	made.options = clamped;
	make_tcp(&made, expected);
	assert_memory_equal(bytes, expected, info.length);
}

static void clamped_mss_is_only_lowered(void **state)
{
	(void)state;
	for_both(check_clamp);
}

static void check_reply(int version)
{
	struct made_tcp made = syn_with_data(version);
	static const uint8_t mss[] = {2, 4, 0x05, 0xb4};
	struct made_tcp answer = {.version = version,
		.from_server = true,
		.flags = PACKET_SYN | PACKET_ACK,
		.seq = 7,
		.ack = 9,
		.options = mss,
		.options_length = sizeof(mss)};
	struct packet_reply reply = {PACKET_SYN | PACKET_ACK, 7, 9, 1460};
	uint8_t bytes[MADE_MAX];
	uint8_t expected[MADE_MAX];
	uint8_t replied[PACKET_MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);
	size_t length = packet_make_reply(&info, &reply, replied, sizeof(replied));

	assert_int_equal(make_tcp(&answer, expected), length);
	assert_memory_equal(replied, expected, length);
}

static void reply_is_a_segment_of_the_peer(void **state)
{
	(void)state;
	for_both(check_reply);
}

static void check_icmp(int version,
	size_t (*make)(const uint8_t *, const struct packet_info *, const struct in6_addr *,
		uint8_t *, size_t),
	uint8_t type, uint8_t code)
{
	static const char large[1400];
	struct made_tcp made = {
		.version = version, .seq = 77, .payload = large, .payload_length = sizeof(large)};
	uint8_t bytes[MADE_MAX];
	uint8_t error[PACKET_MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);
	struct packet_info parsed;
	struct packet_info quoted;
	size_t length = make(bytes, &info, &info.destination, error, sizeof(error));

	assert_int_equal(length, version == 4 ? 576 : 1280);
	assert_int_equal(packet_parse(error, length, &parsed), 0);
	assert_true(packet_checksums_good(error, &parsed));
	assert_int_equal(parsed.protocol, version == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	assert_memory_equal(&parsed.destination, &info.source, sizeof(info.source));
	assert_int_equal(error[parsed.ip_length], type);
	assert_int_equal(error[parsed.ip_length + 1], code);
	assert_memory_equal(error + parsed.ip_length + 8, bytes, length - parsed.ip_length - 8);
	assert_int_equal(packet_parse_quoted(error, &parsed, &quoted), 0);
	assert_int_equal(quoted.source_port, MADE_CLIENT_PORT);
	assert_int_equal(quoted.destination_port, MADE_SERVER_PORT);
	assert_int_equal(quoted.seq, 77);
	assert_memory_equal(&quoted.source, &info.source, sizeof(info.source));
}

static size_t make_too_big(const uint8_t *bytes, const struct packet_info *info,
	const struct in6_addr *router, uint8_t *made, size_t room)
{
	size_t length = packet_make_too_big(bytes, info, 1300, router, made, room);
	size_t ip = info->version == 4 ? 20 : 40;

	/* RFC 1191: the lower half of the four bytes; RFC 4443: all four. */
	assert_int_equal(packet_get32(made + ip + 4), 1300);
	return length;
}

static void icmp_quotes_the_packet(void **state)
{
	(void)state;
	check_icmp(4, packet_make_unreachable, 3, 1);
	check_icmp(6, packet_make_unreachable, 1, 3);
	check_icmp(4, make_too_big, 3, 4);
	check_icmp(6, make_too_big, 2, 0);
}

static void only_icmp_errors_quote(void **state)
{
	struct made_tcp made = syn_with_data(4);
	uint8_t bytes[MADE_MAX];
	uint8_t error[PACKET_MADE_MAX];
	struct packet_info info = make_and_parse(&made, bytes);
	struct packet_info parsed;
	size_t length;

	(void)state;
	assert_int_equal(packet_parse_quoted(bytes, &info, &parsed), -ENOENT);
	length = packet_make_unreachable(bytes, &info, &info.destination, error, sizeof(error));
	error[20] = 8;
	assert_int_equal(packet_parse(error, length, &parsed), 0);
	assert_int_equal(packet_parse_quoted(error, &parsed, &info), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_is_understood),
		cmocka_unit_test(cookie_request_has_no_cookie),
		cmocka_unit_test(experimental_option_needs_its_magic),
		cmocka_unit_test(broken_options_end_the_list),
		cmocka_unit_test(packet_cut_short_is_refused),
		cmocka_unit_test(header_that_lies_is_refused),
		cmocka_unit_test(fragment_is_not_tcp),
		cmocka_unit_test(ipv6_extensions_are_passed_over),
		cmocka_unit_test(wrong_checksum_is_seen),
		cmocka_unit_test(stripped_option_becomes_nops),
		cmocka_unit_test(stripped_payload_shortens_the_packet),
		cmocka_unit_test(clamped_mss_is_only_lowered),
		cmocka_unit_test(reply_is_a_segment_of_the_peer),
		cmocka_unit_test(icmp_quotes_the_packet),
		cmocka_unit_test(only_icmp_errors_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
