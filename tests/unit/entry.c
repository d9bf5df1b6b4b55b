/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* store/entry tells from the names of a store's files which of them have to go. */

#include "store/entry.h"
#include "store/record.h"
#include "support/suite.h"

#define NOW 1700000000

static struct entry make(unsigned char peer, int64_t received, int64_t expires)
{
	static uint64_t put;
	struct entry_key key = {.bytes = {0xab, peer}};
	const unsigned char random[ENTRY_RANDOM_SIZE] = {0x5a};

	return entry_ticket(&key, received, ++put, expires, random);
}

static void name_tells_what_it_was_made_of(void **state)
{
	const struct entry_key key = {.bytes = {0x01, 0x23, [15] = 0xef}};
	const unsigned char random[ENTRY_RANDOM_SIZE] = {0xde, 0xad, [15] = 0x0f};
	struct entry name, read;

	(void)state;
	name = entry_ticket(&key, 0x1234, 0x56789, 0xabcdef, random);
	assert_string_equal(name.name, "012300000000000000000000000000ef-"
				       "00000012340000000000056789-0000abcdef-"
				       "dead000000000000000000000000000f");
	assert_int_equal(entry_read(name.name, &read), ENTRY_TICKET);
	assert_string_equal(read.name, name.name);
	assert_int_equal(read.expires, 0xabcdef);
	assert_int_equal(read.received, 0x1234);
	assert_int_equal(read.put, 0x56789);
	name = entry_path(&key);
	assert_string_equal(name.name, "012300000000000000000000000000ef");
	assert_int_equal(entry_read(name.name, &read), ENTRY_PATH);
	assert_string_equal(read.name, name.name);
	name = entry_new(0x1234, random);
	assert_string_equal(name.name, "new-0000001234-dead000000000000000000000000000f");
	assert_int_equal(entry_read(name.name, &read), ENTRY_NEW);
	assert_int_equal(read.received, 0x1234);
	assert_int_equal(entry_read("new-", &read), ENTRY_NONE);
}

static void times_are_cut_to_their_digits(void **state)
{
	struct entry made = make(1, INT64_MIN, INT64_MAX);
	struct entry name;

	(void)state;
	assert_int_equal(entry_read(made.name, &name), ENTRY_TICKET);
	assert_int_equal(name.expires, 0xffffffffff);
	assert_int_equal(name.received, 0);
}

static void alive_until_it_expires(void **state)
{
	(void)state;
	assert_true(entry_lives(ENTRY_TICKET, NOW + 1, NOW, 0));
	assert_false(entry_lives(ENTRY_TICKET, NOW, NOW, 0));
	assert_true(entry_lives(ENTRY_TICKET, NOW + TICKET_LIFE_MAX, NOW, 0));
	assert_false(entry_lives(ENTRY_TICKET, NOW + 2 * (int64_t)TICKET_LIFE_MAX, NOW, 0));
	assert_false(entry_lives(ENTRY_TICKET, INT64_MAX, 0, 0));
	assert_false(entry_lives(ENTRY_TICKET, 0, INT64_MAX, 0));
	assert_true(entry_lives(ENTRY_TICKET, NOW + 5, NOW, 5));
	assert_false(entry_lives(ENTRY_TICKET, NOW + 5, NOW, 6));
	/* The clock was set back since. */
	assert_true(entry_is_usable(ENTRY_TICKET, NOW, NOW + 5, NOW, 5));
	assert_true(entry_is_usable(ENTRY_TICKET, NOW + 1, NOW + 5, NOW, 5));
	assert_false(entry_is_usable(ENTRY_TICKET, NOW + 60, NOW + 100, NOW, 5));
	assert_false(entry_is_usable(ENTRY_TICKET, NOW, NOW + 5, NOW, 6));
}

static void stale_once_it_is_old(void **state)
{
	(void)state;
	assert_false(entry_is_stale(NOW, NOW));
	assert_false(entry_is_stale(NOW - ENTRY_NEW_LIFE, NOW));
	assert_true(entry_is_stale(NOW - ENTRY_NEW_LIFE - 1, NOW));
	assert_false(entry_is_stale(NOW + 60, NOW));
	assert_true(entry_is_stale(NOW + 100000, NOW));
}

static void nothing_goes_without_need(void **state)
{
	struct entry names[ENTRY_SHARD];

	(void)state;
	for (unsigned char i = 0; i < ENTRY_SHARD; i++)
		names[i] = make(i / ENTRY_PEER, NOW, NOW + 100);
	assert_int_equal(entry_choose(ENTRY_TICKET, names, ENTRY_SHARD, NOW), ENTRY_SHARD);
	assert_int_equal(entry_choose(ENTRY_TICKET, names, 0, NOW), 0);
}

/* Is it among those that stay? */
static bool stays(const struct entry *names, size_t kept, const struct entry *name)
{
	for (size_t i = 0; i < kept; i++)
		if (strcmp(names[i].name, name->name) == 0)
			return true;
	return false;
}

static void surplus_goes_the_oldest_first(void **state)
{
	struct entry names[7];

	(void)state;
	/* Received out of order, and another peer's in between. */
	names[0] = make(1, NOW - 3, NOW + 100);
	names[1] = make(1, NOW - 6, NOW + 100);
	names[2] = make(2, NOW - 9, NOW + 100);
	names[3] = make(1, NOW - 1, NOW + 100);
	names[4] = make(1, NOW - 7, NOW + 100);
	names[5] = make(1, NOW - 3, NOW + 100);
	names[6] = make(1, NOW - 2, NOW + 100);
	const struct entry newest = names[3];
	const struct entry oldest[2] = {names[4], names[1]};
	const struct entry other = names[2];

	assert_int_equal(entry_choose(ENTRY_TICKET, names, 7, NOW), 5);
	assert_string_equal(names[0].name, newest.name);
	assert_true(stays(names, 5, &other));
	assert_false(stays(names, 5, &oldest[0]));
	assert_false(stays(names, 5, &oldest[1]));
	assert_true(stays(names + 5, 2, &oldest[0]));
	assert_true(stays(names + 5, 2, &oldest[1]));
}

static void dead_ones_go_before_old_ones(void **state)
{
	struct entry names[ENTRY_PEER + 1];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make(1, NOW - 50 + (int64_t)i, NOW + 100);
	names[3] = make(1, NOW, NOW);
	const struct entry dead = names[3];

	assert_int_equal(entry_choose(ENTRY_TICKET, names, count, NOW), ENTRY_PEER);
	assert_string_equal(names[ENTRY_PEER].name, dead.name);
}

static void shard_has_its_bound(void **state)
{
	struct entry names[ENTRY_SHARD + 5];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make((unsigned char)i, NOW - (int64_t)i, NOW + 100);
	const struct entry oldest = names[count - 1];
	const struct entry newest = names[0];

	assert_int_equal(entry_choose(ENTRY_TICKET, names, count, NOW), ENTRY_SHARD);
	assert_string_equal(names[0].name, newest.name);
	assert_string_equal(names[count - 1].name, oldest.name);
}

static void path_records_are_bounded_by_their_age(void **state)
{
	static struct entry names[ENTRY_ALL + 2];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make((unsigned char)i, NOW - (int64_t)i, NOW + 30 * 24 * 3600);
	names[7].expires = NOW;
	assert_int_equal(entry_choose(ENTRY_PATH, names, count, NOW), ENTRY_ALL);
	assert_int_equal(names[ENTRY_ALL - 1].received, NOW - ENTRY_ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_tells_what_it_was_made_of),
		cmocka_unit_test(times_are_cut_to_their_digits),
		cmocka_unit_test(alive_until_it_expires),
		cmocka_unit_test(stale_once_it_is_old),
		cmocka_unit_test(nothing_goes_without_need),
		cmocka_unit_test(surplus_goes_the_oldest_first),
		cmocka_unit_test(dead_ones_go_before_old_ones),
		cmocka_unit_test(shard_has_its_bound),
		cmocka_unit_test(path_records_are_bounded_by_their_age),
	};

	return suite_run_offline("entry", tests, suite_length(tests));
}
