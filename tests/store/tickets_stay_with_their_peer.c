/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A ticket is found only when everything matches that it was given under. */

#include "fixture.h"

static const char *const swapped[] = {"http/1.1", "h2"};
static const char *const joined[] = {"h2http/1.1"};

/* One difference each. */
static size_t others(struct peer *peers)
{
	const struct peer peer = fixture_peer("example.org");
	size_t n = 0;

	for (size_t i = 0; i < 19; i++)
		peers[i] = peer;
	peers[n++].host = "example.net";
	peers[n++].host = "example.org.";
	peers[n++].port = 444;
	peers[n++].servername = NULL;
	peers[n++].servername = "";
	peers[n++].servername = "example.net";
	peers[n++].verified = NULL;
	peers[n++].verified = "";
	peers[n++].verified = "example.net";
	peers[n++].alpn_count = 0;
	peers[n++].alpn_count = 1;
	peers[n++].alpn = swapped;
	peers[n].alpn = joined;
	peers[n++].alpn_count = 1;
	peers[n++].priority = "";
	peers[n++].priority = "NORMAL";
	peers[n++].trust[31] = 1;
	peers[n++].identity[0] = 1;
	peers[n++].policy[0] = 1;
	peers[n++].tls_library = "3.7.10";
	return n;
}

static void differ(struct tlsfo_store *store)
{
	struct peer peers[19];
	size_t count = others(peers);
	int64_t now = fixture_now();
	struct ticket taken;

	assert_int_equal(count, suite_length(peers));
	fixture_put(store, "example.org", 1, now);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(store_take(store, &peers[i], now, 0, &taken), 0);
	assert_int_equal(fixture_take(store, "example.org", now), 1);
	/* And none of them is the other's. */
	for (size_t i = 0; i < count; i++) {
		struct ticket ticket = fixture_ticket(i + 1, 100, now);

		assert_int_equal(store_put(store, &peers[i], &ticket, now), 0);
		ticket_clear(&ticket);
	}
	assert_int_equal(fixture_take(store, "example.org", now), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(store_take(store, &peers[i], now, 0, &taken), 1);
		assert_int_equal(fixture_id(&taken), i + 1);
		ticket_clear(&taken);
	}
}

static void every_field_counts(void **state)
{
	(void)state;
	fixture_each_kind(differ);
}

/* Where one field ends and the next begins is part of the key. */
static void fields_do_not_run_together(void **state)
{
	const unsigned char key[32] = {1};
	struct peer one = {.host = "ab", .servername = "c", .tls_library = ""};
	struct peer two = {.host = "a", .servername = "bc", .tls_library = ""};
	struct entry_key one_key, two_key;

	(void)state;
	one_key = peer_key(key, &one);
	two_key = peer_key(key, &two);
	assert_memory_not_equal(&one_key, &two_key, sizeof(one_key));
	two = one;
	two_key = peer_key(key, &two);
	assert_memory_equal(&one_key, &two_key, sizeof(one_key));
	two_key = peer_key((const unsigned char[32]){2}, &two);
	assert_memory_not_equal(&one_key, &two_key, sizeof(one_key));
}

/* A file under another peer's name is not that peer's. */
static void moved_file_is_no_ticket(void **state)
{
	struct fixture fixture;
	char from[512], to[512];
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	fixture_put(store, "example.net", 1, now);
	assert_int_equal(fixture_ticket_files(&fixture, to), 1);
	assert_int_equal(fixture_take(store, "example.net", now), 1);
	fixture_put(store, "example.org", 2, now);
	assert_int_equal(fixture_ticket_files(&fixture, from), 1);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(fixture_take(store, "example.net", now), 0);
	assert_int_equal(fixture_ticket_files(&fixture, to), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(fields_do_not_run_together),
		cmocka_unit_test(moved_file_is_no_ticket),
	};

	return suite_run_offline("tickets stay with their peer", tests, suite_length(tests));
}
