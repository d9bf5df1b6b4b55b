/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whatever becomes of a ticket's file, it is the ticket that was put or none, and it leaves the disk. */

#include <stdlib.h>

#include "fixture.h"

#define SEALED_MAX 4096

struct damage {
	struct fixture fixture;
	struct tlsfo_store *store;
	char path[512];
	unsigned char sealed[SEALED_MAX];
	size_t len;
	int64_t now;
};

static void damage_begin(struct damage *damage, uint64_t id)
{
	damage->now = fixture_now();
	fixture_make(&damage->fixture);
	damage->store = fixture_open(&damage->fixture);
	fixture_put(damage->store, "example.org", id, damage->now);
	assert_int_equal(fixture_ticket_files(&damage->fixture, damage->path), 1);
	damage->len = fixture_read(damage->path, damage->sealed, SEALED_MAX);
}

static void damage_end(struct damage *damage)
{
	tlsfo_store_free(damage->store);
	fixture_remove(&damage->fixture);
}

/* With this content the file is no ticket, and is not there any more. */
static void is_none(struct damage *damage, const unsigned char *data, size_t len)
{
	char path[512];

	fixture_write(damage->path, data, len);
	assert_int_equal(fixture_count(damage->store), 0);
	assert_int_equal(fixture_take(damage->store, "example.org", damage->now), 0);
	assert_int_equal(fixture_ticket_files(&damage->fixture, path), 0);
}

static void every_byte_changed(void **state)
{
	struct damage damage;

	(void)state;
	damage_begin(&damage, 5);
	for (size_t i = 0; i < damage.len; i++) {
		damage.sealed[i] ^= (unsigned char)(1 << i % 8);
		is_none(&damage, damage.sealed, damage.len);
		damage.sealed[i] ^= (unsigned char)(1 << i % 8);
	}
	/* All of that was for the changes. */
	fixture_write(damage.path, damage.sealed, damage.len);
	assert_int_equal(fixture_take(damage.store, "example.org", damage.now), 5);
	damage_end(&damage);
}

static void every_length(void **state)
{
	struct damage damage;

	(void)state;
	damage_begin(&damage, 5);
	for (size_t len = 0; len < damage.len; len++)
		is_none(&damage, damage.sealed, len);
	damage.sealed[damage.len] = 0;
	is_none(&damage, damage.sealed, damage.len + 1);
	damage_end(&damage);
}

static void too_large(void **state)
{
	struct damage damage;
	size_t len = 2 * (size_t)TICKET_BLOB_MAX;
	unsigned char *large = calloc(1, len);

	(void)state;
	assert_non_null(large);
	damage_begin(&damage, 5);
	memcpy(large, damage.sealed, damage.len);
	is_none(&damage, large, len);
	free(large);
	damage_end(&damage);
}

/* The next one is taken instead. */
static void the_others_stay(void **state)
{
	struct damage damage;
	char path[512];

	(void)state;
	damage_begin(&damage, 5);
	damage.sealed[damage.len / 2] ^= 1;
	fixture_write(damage.path, damage.sealed, damage.len);
	fixture_put(damage.store, "example.org", 6, damage.now - 10);
	assert_int_equal(fixture_ticket_files(&damage.fixture, path), 2);
	assert_int_equal(fixture_count(damage.store), 1);
	assert_int_equal(fixture_take(damage.store, "example.org", damage.now), 6);
	assert_int_equal(fixture_ticket_files(&damage.fixture, path), 0);
	damage_end(&damage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_changed),
		cmocka_unit_test(every_length),
		cmocka_unit_test(too_large),
		cmocka_unit_test(the_others_stay),
	};

	return suite_run_offline("damaged file is no ticket", tests, suite_length(tests));
}
