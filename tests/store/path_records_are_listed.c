/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list tells path records as what they are, beside tickets; they are forgotten by host, address or
 * network, and cleared with the rest. */

#include "trail.h"

#define HOUR 3600

struct seen {
	int tickets, hosts, paths, networks;
	int64_t now;
};

static void see_failing(const struct tlsfo_store_entry *entry, const struct seen *seen)
{
	assert_int_equal(entry->expires, entry->until + PATH_LIFE);
	assert_int_equal(entry->until, seen->now + HOUR);
	assert_int_equal(entry->failures, 1);
	assert_int_equal(entry->probing, 0);
	assert_int_equal(entry->rtt_us, -1);
}

static int see(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct seen *seen = userdata;

	switch (entry->kind) {
	case TLSFO_STORE_TICKET:
		assert_string_equal(entry->host, "host-1.example");
		assert_null(entry->address);
		assert_int_equal(entry->tls_version, 0x0304);
		seen->tickets++;
		return 0;
	case TLSFO_STORE_HOST:
		assert_string_equal(entry->host, "host-1.example");
		assert_string_equal(entry->address, "198.51.100.1");
		assert_int_equal(entry->rtt_us, 40000);
		assert_int_equal(entry->until, 0);
		seen->hosts++;
		break;
	case TLSFO_STORE_PATH:
		assert_memory_equal(entry->host, "host-", 5);
		assert_memory_equal(entry->address, "198.51.100.", 11);
		see_failing(entry, seen);
		seen->paths++;
		break;
	case TLSFO_STORE_NETWORK:
		assert_string_equal(entry->host, "192.0.2.0/24");
		assert_string_equal(entry->address, "192.0.2.0/24");
		assert_int_equal(entry->different, 3);
		see_failing(entry, seen);
		seen->networks++;
		break;
	}
	assert_int_equal(entry->port, entry->kind == TLSFO_STORE_NETWORK ? 0 : 443);
	assert_int_equal(entry->received, seen->now);
	assert_int_equal(entry->tls_version, 0);
	assert_null(entry->verified);
	assert_null(entry->alpn);
	return 0;
}

static int64_t fill(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	fixture_put(store, "host-1.example", 1, now);
	trail_answer(store, 1, 40000, now);
	for (unsigned char i = 1; i <= 3; i++)
		trail_fail(store, i, now);
	return now;
}

static void list(struct tlsfo_store *store)
{
	struct seen seen = {.now = fill(store)};

	assert_int_equal(tlsfo_store_list(store, see, &seen), 0);
	assert_int_equal(seen.tickets, 1);
	assert_int_equal(seen.hosts, 1);
	assert_int_equal(seen.paths, 3);
	assert_int_equal(seen.networks, 1);
}

static int stop_at_host(const struct tlsfo_store_entry *entry, void *userdata)
{
	(void)userdata;
	return entry->kind == TLSFO_STORE_TICKET ? 0 : -4711;
}

static void list_ends_when_told(struct tlsfo_store *store)
{
	fill(store);
	assert_int_equal(tlsfo_store_list(store, stop_at_host, NULL), -4711);
}

static void forget(struct tlsfo_store *store)
{
	fill(store);
	assert_int_equal(tlsfo_store_forget(store, "host-1.example", 80), 0);
	/* Ticket, host, destination. */
	assert_int_equal(tlsfo_store_forget(store, "HOST-1.example", 443), 3);
	assert_int_equal(tlsfo_store_forget(store, "198.51.100.2", 0), 1);
	assert_int_equal(fixture_count(store), 2);
	assert_int_equal(trail_advice(store, 9, fixture_now()), PATH_AVOID);
	assert_int_equal(tlsfo_store_forget(store, "192.0.2.0/24", 0), 1);
	assert_int_equal(trail_advice(store, 9, fixture_now()), PATH_GO);
	assert_int_equal(tlsfo_store_forget(store, "host-3.example", 0), 1);
	assert_int_equal(fixture_count(store), 0);
}

static void clear(struct tlsfo_store *store)
{
	fill(store);
	assert_int_equal(tlsfo_store_clear(store), 6);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(trail_advice(store, 1, fixture_now()), PATH_GO);
}

static void texts(void **state)
{
	struct record record = {.kind = RECORD_HOST, .host = "x"};
	char text[RECORD_TEXT_SIZE];

	(void)state;
	record.address = (struct path_address){.family = 6, .bytes = {0xfe, 0x80}, .scope = 7};
	record.address.bytes[15] = 1;
	record_print(&record, text);
	assert_string_equal(text, "fe80::1%7");
	record.kind = RECORD_NETWORK;
	record.address = (struct path_address){.family = 6, .bytes = {0x20, 1, 0xd, 0xb8}};
	record_print(&record, text);
	assert_string_equal(text, "2001:db8::/64");
}

static void all_of_it(void **state)
{
	(void)state;
	fixture_each_kind(list);
	fixture_each_kind(list_ends_when_told);
	fixture_each_kind(forget);
	fixture_each_kind(clear);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(texts),
	};

	return suite_run_offline("path records are listed", tests, suite_length(tests));
}
