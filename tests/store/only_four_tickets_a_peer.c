/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store keeps four tickets of a peer, and so many in all; the oldest go first. */

#include "fixture.h"

#include "store/entry.h"

static void four(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	for (uint64_t id = 1; id <= 9; id++) {
		fixture_put(store, "example.org", id, now);
		fixture_put(store, "example.net", 100 + id, now);
		assert_true(fixture_count(store) <= 2 * ENTRY_PEER);
	}
	for (uint64_t id = 9; id > 9 - ENTRY_PEER; id--)
		assert_int_equal(fixture_take(store, "example.org", now), id);
	assert_int_equal(fixture_take(store, "example.org", now), 0);
	assert_int_equal(fixture_count(store), ENTRY_PEER);
}

static void newest_four_stay(void **state)
{
	(void)state;
	fixture_each_kind(four);
}

static void put_peer(struct tlsfo_store *store, unsigned int number, int64_t now)
{
	char host[32];

	snprintf(host, sizeof(host), "host-%u.example", number);
	fixture_put(store, host, number + 1, now);
}

static unsigned int count_peers(
	struct tlsfo_store *store, unsigned int from, unsigned int to, int64_t now)
{
	unsigned int count = 0;
	char host[32];

	for (unsigned int i = from; i < to; i++) {
		snprintf(host, sizeof(host), "host-%u.example", i);
		count += fixture_take(store, host, now) == i + 1;
	}
	return count;
}

static void bound(struct tlsfo_store *store)
{
	const unsigned int all = ENTRY_ALL + 300;
	int64_t now = fixture_now();

	for (unsigned int i = 0; i < all; i++)
		put_peer(store, i, now - 1000 + i / 2);
	/* However the peers fall into shards, most places are used. */
	assert_in_range(fixture_count(store), ENTRY_ALL * 3 / 4, ENTRY_ALL);
	assert_int_equal(count_peers(store, all - ENTRY_ALL / 3, all, now), ENTRY_ALL / 3);
	assert_in_range(count_peers(store, 0, 300, now), 0, 100);
}

static void newest_of_all_stay(void **state)
{
	(void)state;
	fixture_each_kind(bound);
}

static void memory_keeps_exactly_the_newest(void **state)
{
	struct tlsfo_store *store = fixture_memory();
	int64_t now = fixture_now();

	(void)state;
	for (unsigned int i = 0; i < ENTRY_ALL + 10; i++)
		put_peer(store, i, now);
	assert_int_equal(fixture_count(store), ENTRY_ALL);
	assert_int_equal(count_peers(store, 0, 10, now), 0);
	assert_int_equal(count_peers(store, 10, ENTRY_ALL + 10, now), ENTRY_ALL);
	tlsfo_store_free(store);
}

/* What another key sealed cannot be read, but takes a place all the same. */
static void bound_holds_for_all_keys(void **state)
{
	struct fixture fixture;
	char path[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	for (unsigned char key = 0; key < 4; key++) {
		unsigned char bytes[TLSFO_STORE_KEY_SIZE] = {key};
		struct tlsfo_store *store = NULL;

		assert_int_equal(tlsfo_store_open(fixture.store, bytes, sizeof(bytes), &store), 0);
		for (unsigned int i = 0; i < ENTRY_ALL / 2; i++)
			put_peer(store, i, now);
		tlsfo_store_free(store);
	}
	assert_in_range(fixture_ticket_files(&fixture, path), ENTRY_ALL * 3 / 4, ENTRY_ALL);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_four_stay),
		cmocka_unit_test(newest_of_all_stay),
		cmocka_unit_test(memory_keeps_exactly_the_newest),
		cmocka_unit_test(bound_holds_for_all_keys),
	};

	return suite_run_offline("only four tickets a peer", tests, suite_length(tests));
}
