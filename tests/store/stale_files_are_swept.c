/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What a killed process leaves half-written is removed once it is old, and not before; so is what
 * does not belong there.
 */

#include <stdlib.h>
#include <unistd.h>

#include "fixture.h"

#include "store/entry.h"

static void plant(const struct fixture *fixture, unsigned int shard, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/tlsfo-1/tickets/%x/%s", fixture->store, shard, name);
	fixture_write(path, "half", 4);
}

static void plant_new(const struct fixture *fixture, unsigned int shard, int64_t since)
{
	char name[64];

	snprintf(name, sizeof(name), "new-%010llx-%016llx%016llx", (unsigned long long)since, 1ULL,
		2ULL);
	plant(fixture, shard, name);
}

static size_t left(const struct fixture *fixture)
{
	char tickets[400], path[512];

	snprintf(tickets, sizeof(tickets), "%s/tlsfo-1/tickets", fixture->store);
	return fixture_files(tickets, "", path);
}

static void old_ones_go(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	for (unsigned int shard = 0; shard < 16; shard++) {
		plant_new(&fixture, shard, now - ENTRY_NEW_LIFE - 1);
		plant_new(&fixture, shard, now - ENTRY_NEW_LIFE + 100);
		/* From a clock that was wrong. */
		plant_new(&fixture, shard, now + 100000);
	}
	assert_int_equal(left(&fixture), 3 * 16);
	assert_int_equal(fixture_count(store), 0);
	assert_int_equal(left(&fixture), 16);
	/* To clear is to leave nothing, whoever is at it. */
	assert_int_equal(tlsfo_store_clear(store), 0);
	assert_int_equal(left(&fixture), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* Not only by who asks for everything: puts do it by the way, in every shard, before long. */
static void puts_sweep_everywhere(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	for (unsigned int shard = 0; shard < 16; shard++)
		plant_new(&fixture, shard, now - ENTRY_NEW_LIFE - 1);
	for (int i = 0; i < 20000 && left(&fixture) > ENTRY_PEER; i++)
		fixture_put(store, "example.org", 1, now);
	assert_int_equal(left(&fixture), ENTRY_PEER);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

static void strangers_go(void **state)
{
	static const char *const names[] = {"stranger", ".hidden", "...", "new-", "new-1-1",
		"0123456789abcdef0123456789abcdef",
		/* Capital digits, one too many, one too few. */
		"0123456789ABCDEF0123456789abcdef-0000000000"
		"0000000000000000-0000000000-"
		"0123456789abcdef0123456789abcdef",
		"00123456789abcdef0123456789abcdef-0000000000"
		"0000000000000000-0000000000-"
		"0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef-0000000000"
		"0000000000000000-0000000000-"
		"0123456789abcdef0123456789abcde"};
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	for (size_t i = 0; i < suite_length(names); i++)
		plant(&fixture, (unsigned int)i, names[i]);
	assert_int_equal(left(&fixture), suite_length(names));
	assert_int_equal(tlsfo_store_clear(store), 0);
	assert_int_equal(left(&fixture), 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_ones_go),
		cmocka_unit_test(puts_sweep_everywhere),
		cmocka_unit_test(strangers_go),
	};

	return suite_run_offline("stale files are swept", tests, suite_length(tests));
}
