/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record is read as it was written, and none is read that is cut, padded or unknown. */

#include "store/record.h"
#include "support/suite.h"

static unsigned char blob[] = {1, 0, 2};

static const struct peer peer = {.host = "example.org", .port = 443, .verified = "example.net"};
static const struct ticket ticket = {
	.tls_version = 0x0304,
	.group = 29,
	.max_early_data = 0x01020304,
	.received = 0x0102030405060708,
	.full_handshake = 0x0102030405060709,
	.expires = INT64_MAX / 2,
	.alpn = "h2",
	.alpn_len = 2,
	.blob = blob,
	.blob_len = sizeof(blob),
};

/* The bytes are a promise to the directories that are out there. */
static const char expected[] = "\1\1"
			       "\13example.org"
			       "\1\273"
			       "\1"
			       "\13example.net"
			       "\3\4"
			       "\0\35"
			       "\1\2\3\4"
			       "\1\2\3\4\5\6\7\10"
			       "\77\377\377\377\377\377\377\377"
			       "\1\2\3\4\5\6\7\11"
			       "\2h2"
			       "\0\0\0\3\1\0\2";

#define EXPECTED_SIZE (sizeof(expected) - 1)

static void is_written_as_promised(void **state)
{
	struct content content;
	struct record record;

	(void)state;
	assert_true(record_of_ticket(&peer, &ticket, &record));
	assert_true(record_pack(&record, &content));
	assert_int_equal(content.record.len, EXPECTED_SIZE);
	assert_memory_equal(content.record.at, expected, EXPECTED_SIZE);
	assert_true(record_unpack(&content, &record));
	assert_null(content.data);
	assert_memory_equal(record.ticket.blob, blob, sizeof(blob));
	ticket_clear(&record.ticket);
}

static void is_read_as_written(void **state)
{
	struct record read;

	(void)state;
	assert_true(record_read(bytes_of(expected, EXPECTED_SIZE), &read));
	assert_string_equal(read.host, "example.org");
	assert_int_equal(read.address.port, 443);
	assert_true(read.is_verified);
	assert_string_equal(read.verified, "example.net");
	assert_int_equal(read.ticket.tls_version, 0x0304);
	assert_int_equal(read.ticket.group, 29);
	assert_int_equal(read.ticket.max_early_data, 0x01020304);
	assert_int_equal(read.ticket.received, ticket.received);
	assert_int_equal(read.ticket.expires, ticket.expires);
	assert_int_equal(read.ticket.full_handshake, ticket.full_handshake);
	assert_int_equal(read.ticket.alpn_len, 2);
	assert_memory_equal(read.ticket.alpn, "h2", 2);
	assert_int_equal(read.ticket.blob_len, sizeof(blob));
	assert_memory_equal(read.ticket.blob, blob, sizeof(blob));
}

static void must_be_whole_and_no_more(void **state)
{
	struct record read;

	(void)state;
	for (size_t len = 0; len < EXPECTED_SIZE; len++)
		assert_false(record_read(bytes_of(expected, len), &read));
	assert_false(record_read(bytes_of(expected, EXPECTED_SIZE + 1), &read));
}

static bool reads_with(size_t at, unsigned char byte)
{
	unsigned char data[EXPECTED_SIZE];
	struct record read;

	memcpy(data, expected, sizeof(data));
	data[at] = byte;
	return record_read(bytes_of(data, sizeof(data)), &read);
}

static void unknown_and_impossible_is_refused(void **state)
{
	const size_t verified_at = 2 + 12 + 2;
	const size_t received_at = verified_at + 1 + 12 + 2 + 2 + 4;

	(void)state;
	assert_true(reads_with(0, 1));
	/* Another kind, another version. */
	assert_false(reads_with(0, 2));
	assert_false(reads_with(1, 2));
	/* A NUL in a name, a verified name without the flag, a flag that is neither, a time before
	 * 1970. */
	assert_false(reads_with(5, '\0'));
	assert_false(reads_with(verified_at, 0));
	assert_false(reads_with(verified_at, 2));
	assert_false(reads_with(received_at, 0x80));
	assert_false(reads_with(received_at + 8, 0xff));
	assert_false(reads_with(received_at + 16, 0x80));
}

static void no_ticket_without_a_blob(void **state)
{
	unsigned char data[EXPECTED_SIZE];
	struct record read;

	(void)state;
	memcpy(data, expected, sizeof(data));
	data[EXPECTED_SIZE - 4] = 0;
	assert_false(record_read(bytes_of(data, EXPECTED_SIZE - 3), &read));
}

/* Directories have records of the first version, which lack the last field. */
static void older_path_record_is_read(void **state)
{
	const struct record put = {
		.kind = RECORD_HOST,
		.host = "example.org",
		.address = {.family = 4, .bytes = {192, 0, 2, 1}, .port = 443},
		.written = 1,
		.expires = 2,
		.rtt_us = 40000,
		.think_us = 1000000,
	};
	struct content content;
	struct record read;

	(void)state;
	assert_true(record_pack(&put, &content));
	unsigned char *data = content.data + SEAL_HEAD;
	size_t len = content.record.len;

	assert_true(record_read(bytes_of(data, len), &read));
	assert_int_equal(read.rtt_us, 40000);
	assert_int_equal(read.think_us, 1000000);
	assert_false(record_read(bytes_of(data, len - 8), &read));
	data[1] = 1;
	assert_false(record_read(bytes_of(data, len), &read));
	assert_true(record_read(bytes_of(data, len - 8), &read));
	assert_string_equal(read.host, "example.org");
	assert_int_equal(read.rtt_us, 40000);
	assert_int_equal(read.think_us, 0);
	data[1] = 3;
	assert_false(record_read(bytes_of(data, len), &read));
	content_clear(&content);
}

static void key_is(const struct entry_key *key, const char *digits)
{
	struct entry entry = entry_path(key);

	assert_string_equal(entry.name, digits);
}

/* Keys are a promise, too: under others nobody would find what is there. */
static void keys_are_as_promised(void **state)
{
	static const unsigned char store_key[SEAL_KEY_SIZE] = {1, 2, 3};
	static const char *const alpn[] = {"h2", "http/1.1"};
	const struct peer whole = {
		.host = "example.org",
		.port = 443,
		.servername = "",
		.verified = "example.net",
		.alpn = alpn,
		.alpn_count = 2,
		.priority = "NORMAL",
		.trust = {4},
		.identity = {5},
		.policy = {6},
		.tls_library = "3.7.9",
	};
	const struct {
		struct record about;
		const char *key;
	} paths[] = {
		{{.kind = RECORD_PATH,
			 .address = {.family = 4, .bytes = {192, 0, 2, 1}, .port = 443}},
			"76b15778fe78d1977e5269e61146dc9d"},
		{{.kind = RECORD_NETWORK,
			 .address = {.family = 6, .bytes = {0x20, 1, 0xd, 0xb8}, .scope = 2}},
			"c80f19b962659c36e152ac4f55954e03"},
		/* Neither the address nor the case of letters matters. */
		{{.kind = RECORD_HOST, .host = "Example.ORG", .address = {.port = 443}},
			"66e026c88ea053f4f0e25a1bc93e7d74"},
		{{.kind = RECORD_HOST,
			 .host = "example.org",
			 .address = {.family = 4, .bytes = {192, 0, 2, 1}, .port = 443}},
			"66e026c88ea053f4f0e25a1bc93e7d74"},
	};
	struct entry_key key;

	(void)state;
	key = peer_key(store_key, &whole);
	key_is(&key, "a30d379e8a94fc8acbae4739be52d66d");
	for (size_t i = 0; i < suite_length(paths); i++) {
		key = record_key(store_key, &paths[i].about);
		key_is(&key, paths[i].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_written_as_promised),
		cmocka_unit_test(is_read_as_written),
		cmocka_unit_test(must_be_whole_and_no_more),
		cmocka_unit_test(unknown_and_impossible_is_refused),
		cmocka_unit_test(no_ticket_without_a_blob),
		cmocka_unit_test(older_path_record_is_read),
		cmocka_unit_test(keys_are_as_promised),
	};

	return suite_run_offline("ticket record", tests, suite_length(tests));
}
