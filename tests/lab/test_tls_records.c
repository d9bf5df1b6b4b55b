/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The records of a stream are named by what they carry, wherever segments cut them. */

#include "pure_test.h"
#include "tls_records.h"

#include <stdlib.h>
#include <string.h>

/* A stream under construction. */
struct stream_text {
	uint8_t bytes[4096];
	size_t length;
};

static void add_record(struct stream_text *stream, uint8_t type, const void *body, size_t length)
{
	uint8_t *at = stream->bytes + stream->length;

	at[0] = type;
	at[1] = 3;
	at[2] = 3;
	packet_put16(at + 3, (uint16_t)length);
	memcpy(at + 5, body, length);
	stream->length += 5 + length;
}

/* A hello with empty session id and one extension; the random is given or zero. */
static void add_hello(struct stream_text *stream, uint8_t message, const uint8_t *random,
	uint16_t extension, const void *data, size_t length)
{
	uint8_t body[256] = {message, 0, 0, 0, 3, 3};
	size_t at = 6;

	if (random)
		memcpy(body + at, random, 32);
	at += 32 + 1;
	if (message == TLS_CLIENT_HELLO) {
		packet_put16(body + at, 2);
		body[at + 4] = 1;
		at += 2 + 2 + 1 + 1;
	} else {
		at += 3;
	}
	packet_put16(body + at, (uint16_t)(4 + length));
	packet_put16(body + at + 2, extension);
	packet_put16(body + at + 4, (uint16_t)length);
	memcpy(body + at + 6, data, length);
	at += 6 + length;
	body[3] = (uint8_t)(at - 4);
	add_record(stream, TLS_HANDSHAKE, body, at);
}

static void records_are_found_by_their_lengths(void **state)
{
	struct stream_text stream = {.length = 0};
	struct tls_record records[4];

	(void)state;
	add_hello(&stream, TLS_CLIENT_HELLO, NULL, 16, "", 0);
	add_record(&stream, TLS_CHANGE_CIPHER_SPEC, "\1", 1);
	add_record(&stream, TLS_APPLICATION_DATA, "data", 4);
	assert_int_equal(tls_read_records(stream.bytes, stream.length, records, 4), 3);
	assert_int_equal(records[0].message, TLS_CLIENT_HELLO);
	assert_int_equal(records[1].type, TLS_CHANGE_CIPHER_SPEC);
	assert_int_equal(records[1].offset, records[0].length);
	assert_int_equal(records[2].type, TLS_APPLICATION_DATA);
	assert_int_equal(records[2].offset + records[2].length, stream.length);
	assert_string_equal(tls_record_name(&records[0]), "ClientHello");
	assert_string_equal(tls_record_name(&records[2]), "application data");
	assert_int_equal(tls_read_records(stream.bytes, stream.length, NULL, 0), 3);
}

static void record_cut_short_counts_from_its_header(void **state)
{
	struct stream_text stream = {.length = 0};
	struct tls_record record;
	size_t i;

	(void)state;
	add_hello(&stream, TLS_CLIENT_HELLO, NULL, 42, "", 0);
	for (i = 0; i < stream.length; i++) {
		uint8_t *exact = malloc(i + 1);
		size_t count;

		assert_non_null(exact);
		memcpy(exact, stream.bytes, i);
		count = tls_read_records(exact, i, &record, 1);
		assert_int_equal(count, i >= 5 ? 1 : 0);
		if (count)
			assert_int_equal(record.length, stream.length);
		free(exact);
	}
}

static void what_is_not_tls_has_no_records(void **state)
{
	static const uint8_t http[] = "GET / HTTP/1.1\r\n\r\n";
	struct stream_text stream = {.length = 0};
	struct tls_record records[4];

	(void)state;
	assert_int_equal(tls_read_records(http, sizeof(http), records, 4), 0);
	add_record(&stream, TLS_ALERT, "\2\50", 2);
	memcpy(stream.bytes + stream.length, http, sizeof(http));
	stream.length += sizeof(http);
	assert_int_equal(tls_read_records(stream.bytes, stream.length, records, 4), 1);
}

static struct tls_record hello_with(
	uint8_t message, uint16_t extension, const char *data, size_t length)
{
	struct stream_text stream = {.length = 0};
	struct tls_record record;

	add_hello(&stream, message, NULL, extension, data, length);
	assert_int_equal(tls_read_records(stream.bytes, stream.length, &record, 1), 1);
	return record;
}

static void hello_extensions_are_read(void **state)
{
	(void)state;
	assert_true(hello_with(TLS_CLIENT_HELLO, 42, "", 0).asks_early_data);
	assert_false(hello_with(TLS_CLIENT_HELLO, 43, "", 0).asks_early_data);
	assert_true(hello_with(TLS_CLIENT_HELLO, 41, "psk", 3).has_ticket);
	assert_true(hello_with(TLS_CLIENT_HELLO, 35, "ticket", 6).has_ticket);
	assert_false(hello_with(TLS_CLIENT_HELLO, 35, "", 0).has_ticket);
	assert_true(hello_with(TLS_SERVER_HELLO, 43, "\3\4", 2).tls13);
	assert_false(hello_with(TLS_SERVER_HELLO, 43, "\3\3", 2).tls13);
	assert_false(hello_with(TLS_SERVER_HELLO, 42, "", 0).asks_early_data);
}

/* SHA-256 of "HelloRetryRequest", from RFC 8446 section 4.1.3. */
static void hello_retry_request_is_told_by_its_random(void **state)
{
	static const uint8_t random[32] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE,
		0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C,
		0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
	struct stream_text stream = {.length = 0};
	struct tls_record records[3];

	(void)state;
	add_hello(&stream, TLS_SERVER_HELLO, random, 43, "\3\4", 2);
	add_record(&stream, TLS_CHANGE_CIPHER_SPEC, "\1", 1);
	add_hello(&stream, TLS_SERVER_HELLO, NULL, 43, "\3\4", 2);
	assert_int_equal(tls_read_records(stream.bytes, stream.length, records, 3), 3);
	assert_int_equal(records[0].message, TLS_HELLO_RETRY_REQUEST);
	assert_true(records[0].tls13);
	assert_int_equal(records[2].message, TLS_SERVER_HELLO);
}

static void handshake_after_change_cipher_spec_is_finished(void **state)
{
	/* An explicit nonce that begins like a ClientHello of another length. */
	static const uint8_t encrypted[40] = {1, 0, 0, 1};
	struct stream_text stream = {.length = 0};
	struct tls_record records[2];

	(void)state;
	add_record(&stream, TLS_CHANGE_CIPHER_SPEC, "\1", 1);
	add_record(&stream, TLS_HANDSHAKE, encrypted, sizeof(encrypted));
	assert_int_equal(tls_read_records(stream.bytes, stream.length, records, 2), 2);
	assert_string_equal(tls_record_name(&records[1]), "Finished");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found_by_their_lengths),
		cmocka_unit_test(record_cut_short_counts_from_its_header),
		cmocka_unit_test(what_is_not_tls_has_no_records),
		cmocka_unit_test(hello_extensions_are_read),
		cmocka_unit_test(hello_retry_request_is_told_by_its_random),
		cmocka_unit_test(handshake_after_change_cipher_spec_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
