/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is put is what is taken, every field of it, and it is taken once. */

#include "fixture.h"

static const struct ticket plain = {
	.tls_version = 0x0303,
	.group = 0x11ec,
	.max_early_data = UINT32_MAX,
	.alpn = "\0\xffodd",
	.alpn_len = 5,
};

static void same_once(struct tlsfo_store *store)
{
	const struct peer peer = fixture_peer("example.org");
	int64_t now = fixture_now();
	struct ticket put = plain;
	struct ticket taken;
	unsigned char blob[] = {0, 1, 2, 0, 255};

	put.received = now - 5;
	put.expires = now + 1000;
	put.blob = blob;
	put.blob_len = sizeof(blob);
	assert_int_equal(store_put(store, &peer, &put, now), 0);
	/* The store has a copy. */
	blob[0] = 17;
	assert_int_equal(store_count(store, &peer, now, 1000), 1);
	assert_int_equal(store_count(store, &peer, now, 1001), 0);
	assert_int_equal(store_take(store, &peer, now, 0, &taken), 1);
	assert_int_equal(taken.tls_version, put.tls_version);
	assert_int_equal(taken.group, put.group);
	assert_int_equal(taken.max_early_data, put.max_early_data);
	assert_int_equal(taken.received, put.received);
	assert_int_equal(taken.expires, put.expires);
	assert_int_equal(taken.alpn_len, put.alpn_len);
	assert_memory_equal(taken.alpn, put.alpn, put.alpn_len);
	assert_int_equal(taken.blob_len, sizeof(blob));
	assert_memory_equal(taken.blob, "\0\1\2\0\377", sizeof(blob));
	ticket_clear(&taken);
	assert_null(taken.blob);
	ticket_clear(&taken);
	assert_int_equal(store_take(store, &peer, now, 0, &taken), 0);
	assert_int_equal(store_count(store, &peer, now, 0), 0);
	assert_null(taken.blob);
	assert_int_equal(fixture_count(store), 0);
}

static void taken_once_in_memory_and_directory(void **state)
{
	(void)state;
	fixture_each_kind(same_once);
}

static void sizes(struct tlsfo_store *store)
{
	const struct peer peer = fixture_peer("example.org");
	static const size_t lengths[] = {1, 2, 4095, 4096, TICKET_BLOB_MAX};
	int64_t now = fixture_now();

	for (size_t i = 0; i < suite_length(lengths); i++) {
		struct ticket ticket = fixture_ticket(0x0102030405060708 + i, lengths[i], now);
		struct ticket taken;

		assert_int_equal(store_put(store, &peer, &ticket, now), 0);
		assert_int_equal(store_take(store, &peer, now, 0, &taken), 1);
		assert_int_equal(taken.blob_len, lengths[i]);
		assert_memory_equal(taken.blob, ticket.blob, lengths[i]);
		ticket_clear(&taken);
		ticket_clear(&ticket);
	}
}

static void small_and_large_ones(void **state)
{
	(void)state;
	fixture_each_kind(sizes);
}

static void wrong_ones(struct tlsfo_store *store)
{
	char long_name[300];
	struct peer peer = fixture_peer("example.org");
	int64_t now = fixture_now();
	struct ticket ticket = fixture_ticket(1, TICKET_BLOB_MAX + 1, now);

	assert_int_equal(store_put(store, &peer, &ticket, now), TLSFO_E_INVALID_ARGUMENT);
	ticket.blob_len = 0;
	assert_int_equal(store_put(store, &peer, &ticket, now), TLSFO_E_INVALID_ARGUMENT);
	ticket.blob_len = 10;
	ticket.alpn_len = TICKET_ALPN_MAX + 1;
	assert_int_equal(store_put(store, &peer, &ticket, now), TLSFO_E_INVALID_ARGUMENT);
	ticket.alpn_len = 0;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	peer.host = long_name;
	assert_int_equal(store_put(store, &peer, &ticket, now), TLSFO_E_INVALID_ARGUMENT);
	peer.host = "example.org";
	peer.verified = long_name;
	assert_int_equal(store_put(store, &peer, &ticket, now), TLSFO_E_INVALID_ARGUMENT);
	peer.verified = NULL;
	assert_int_equal(store_put(store, &peer, &ticket, -1), TLSFO_E_INVALID_ARGUMENT);
	peer.host = &long_name[sizeof(long_name) - 1 - 255];
	assert_int_equal(store_put(store, &peer, &ticket, now), 0);
	assert_int_equal(fixture_count(store), 1);
	ticket_clear(&ticket);
}

static void what_cannot_be_kept_is_refused(void **state)
{
	(void)state;
	fixture_each_kind(wrong_ones);
}

static void another_opener_takes_it(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *one = fixture_open(&fixture);

	fixture_put(one, "example.org", 7, fixture_now());
	struct tlsfo_store *two = fixture_open(&fixture);

	assert_int_equal(fixture_take(two, "example.org", fixture_now()), 7);
	assert_int_equal(fixture_take(one, "example.org", fixture_now()), 0);
	fixture_put(two, "example.org", 8, fixture_now());
	tlsfo_store_free(two);
	/* It outlives who put it. */
	assert_int_equal(fixture_take(one, "example.org", fixture_now()), 8);
	tlsfo_store_free(one);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken_once_in_memory_and_directory),
		cmocka_unit_test(small_and_large_ones),
		cmocka_unit_test(what_cannot_be_kept_is_refused),
		cmocka_unit_test(another_opener_takes_it),
	};

	return suite_run_offline("taken ticket is gone", tests, suite_length(tests));
}
