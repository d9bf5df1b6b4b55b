/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list tells what is there; forget removes one host, clear everything. */

#include "fixture.h"

static const char *const protocols[] = {"h2"};

static void put(struct tlsfo_store *store, const char *host, uint16_t port, const char *verified,
	const char *alpn)
{
	int64_t now = fixture_now();
	const struct peer peer = {.host = host,
		.port = port,
		.verified = verified,
		.alpn = protocols,
		.alpn_count = 1};
	struct ticket ticket = fixture_ticket(port, 20, now);

	ticket.alpn_len = strlen(alpn);
	memcpy(ticket.alpn, alpn, ticket.alpn_len);
	ticket.max_early_data = port;
	assert_int_equal(store_put(store, &peer, &ticket, now), 0);
	ticket_clear(&ticket);
}

struct seen {
	int both, bare, other;
};

static int see(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct seen *seen = userdata;

	assert_int_equal(entry->tls_version, 0x0304);
	assert_int_equal(entry->max_early_data, entry->port);
	assert_in_range(entry->received, fixture_now() - 60, fixture_now());
	assert_int_equal(entry->expires, entry->received + SHELF_LIFE);
	if (entry->port == 1) {
		assert_string_equal(entry->host, "Example.ORG");
		assert_string_equal(entry->verified, "example.org");
		assert_string_equal(entry->alpn, "h2");
		seen->both++;
	} else if (entry->port == 2) {
		assert_string_equal(entry->host, "example.org");
		assert_null(entry->verified);
		assert_null(entry->alpn);
		seen->bare++;
	} else {
		assert_string_equal(entry->host, "2001:db8::1");
		assert_string_equal(entry->verified, "");
		seen->other++;
	}
	return 0;
}

static int stop(const struct tlsfo_store_entry *entry, void *userdata)
{
	assert_non_null(entry);
	++*(int *)userdata;
	return -4711;
}

static void fill(struct tlsfo_store *store)
{
	put(store, "Example.ORG", 1, "example.org", "h2");
	put(store, "Example.ORG", 1, "example.org", "h2");
	put(store, "example.org", 2, NULL, "");
	put(store, "2001:db8::1", 3, "", "x");
}

static void list(struct tlsfo_store *store)
{
	struct seen seen = {0};
	int count = 0;

	assert_int_equal(tlsfo_store_list(store, see, &seen), 0);
	assert_int_equal(seen.both + seen.bare + seen.other, 0);
	fill(store);
	assert_int_equal(tlsfo_store_list(store, see, &seen), 0);
	assert_int_equal(seen.both, 2);
	assert_int_equal(seen.bare, 1);
	assert_int_equal(seen.other, 1);
	assert_int_equal(tlsfo_store_list(store, stop, &count), -4711);
	assert_int_equal(count, 1);
	/* Looking takes nothing. */
	assert_int_equal(fixture_count(store), 4);
}

static void forget(struct tlsfo_store *store)
{
	fill(store);
	assert_int_equal(tlsfo_store_forget(store, "example.or", 0), 0);
	assert_int_equal(tlsfo_store_forget(store, "example.org", 3), 0);
	assert_int_equal(tlsfo_store_forget(store, "EXAMPLE.org", 1), 2);
	assert_int_equal(fixture_count(store), 2);
	fill(store);
	/* However it is written. */
	assert_int_equal(tlsfo_store_forget(store, "eXample.org.", 0), 4);
	assert_int_equal(fixture_count(store), 2);
	assert_int_equal(tlsfo_store_forget(store, "", 0), 0);
	assert_int_equal(tlsfo_store_forget(store, "[2001:DB8::1]", 0), 2);
	assert_int_equal(fixture_count(store), 0);
}

static void clear(struct tlsfo_store *store)
{
	fill(store);
	assert_int_equal(tlsfo_store_clear(store), 4);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(tlsfo_store_clear(store), 0);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_take(store, "example.org", fixture_now()), 1);
}

static void arguments(struct tlsfo_store *store)
{
	assert_int_equal(tlsfo_store_list(NULL, stop, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_list(store, NULL, NULL), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_forget(NULL, "x", 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_forget(store, NULL, 0), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_store_clear(NULL), TLSFO_E_INVALID_ARGUMENT);
}

static void all_of_it(void **state)
{
	(void)state;
	fixture_each_kind(list);
	fixture_each_kind(forget);
	fixture_each_kind(clear);
	fixture_each_kind(arguments);
}

/* A configuration keeps the store beyond its maker. */
static void lives_as_long_as_it_is_held(void **state)
{
	struct tlsfo_store *store = fixture_memory();

	(void)state;
	assert_ptr_equal(store_ref(store), store);
	tlsfo_store_free(store);
	fixture_put(store, "example.org", 1, fixture_now());
	assert_int_equal(fixture_count(store), 1);
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(lives_as_long_as_it_is_held),
	};

	return suite_run_offline("list, forget, clear", tests, suite_length(tests));
}
