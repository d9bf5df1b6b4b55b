/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* store/name and store/limits tell from the names of a store's files which of them have to go. */

#include "store/limits.h"
#include "store/record.h"
#include "support/suite.h"

#define NOW 1700000000

static struct name make(unsigned char peer, int64_t received, int64_t expires)
{
	static uint64_t put;
	struct name_key key = {.bytes = {0xab, peer}};
	const unsigned char random[NAME_RANDOM_SIZE] = {0x5a};
	struct name name;

	name_ticket(&key, received, ++put, expires, random, &name);
	return name;
}

static void name_tells_what_it_was_made_of(void **state)
{
	const struct name_key key = {.bytes = {0x01, 0x23, [15] = 0xef}};
	const unsigned char random[NAME_RANDOM_SIZE] = {0xde, 0xad, [15] = 0x0f};
	struct name name, read;
	int64_t since = 0;

	(void)state;
	name_ticket(&key, 0x1234, 0x56789, 0xabcdef, random, &name);
	assert_string_equal(name.text, "012300000000000000000000000000ef-"
				       "00000012340000000000056789-0000abcdef-"
				       "dead000000000000000000000000000f");
	assert_true(name_read_ticket(name.text, &read));
	assert_false(name_read_path(name.text, &read));
	assert_false(name_read_new(name.text, &since));
	assert_string_equal(read.text, name.text);
	assert_int_equal(read.expires, 0xabcdef);
	assert_int_equal(read.received, 0x1234);
	assert_int_equal(read.put, 0x56789);
	name_path(&key, &name);
	assert_string_equal(name.text, "012300000000000000000000000000ef");
	assert_true(name_read_path(name.text, &read));
	assert_string_equal(read.text, name.text);
	assert_false(name_read_ticket(name.text, &read));
	name_new(0x1234, random, &name);
	assert_string_equal(name.text, "new-0000001234-dead000000000000000000000000000f");
	assert_true(name_read_new(name.text, &since));
	assert_false(name_read_ticket(name.text, &read));
	assert_int_equal(since, 0x1234);
}

static void times_are_cut_to_their_digits(void **state)
{
	struct name name = make(1, INT64_MIN, INT64_MAX);

	(void)state;
	assert_true(name_read_ticket(name.text, &name));
	assert_int_equal(name.expires, 0xffffffffff);
	assert_int_equal(name.received, 0);
}

static void alive_until_it_expires(void **state)
{
	(void)state;
	assert_true(limits_alive(LIMITS_TICKETS, NOW + 1, NOW, 0));
	assert_false(limits_alive(LIMITS_TICKETS, NOW, NOW, 0));
	assert_true(limits_alive(LIMITS_TICKETS, NOW + TICKET_LIFE_MAX, NOW, 0));
	assert_false(limits_alive(LIMITS_TICKETS, NOW + 2 * (int64_t)TICKET_LIFE_MAX, NOW, 0));
	assert_false(limits_alive(LIMITS_TICKETS, INT64_MAX, 0, 0));
	assert_false(limits_alive(LIMITS_TICKETS, 0, INT64_MAX, 0));
	assert_true(limits_alive(LIMITS_TICKETS, NOW + 5, NOW, 5));
	assert_false(limits_alive(LIMITS_TICKETS, NOW + 5, NOW, 6));
	/* The clock was set back since. */
	assert_false(limits_future(NOW, NOW));
	assert_false(limits_future(NOW + 1, NOW));
	assert_true(limits_future(NOW + 60, NOW));
}

static void stale_once_it_is_old(void **state)
{
	(void)state;
	assert_false(limits_stale(NOW, NOW));
	assert_false(limits_stale(NOW - LIMIT_NEW, NOW));
	assert_true(limits_stale(NOW - LIMIT_NEW - 1, NOW));
	assert_false(limits_stale(NOW + 60, NOW));
	assert_true(limits_stale(NOW + 100000, NOW));
}

static void nothing_goes_without_need(void **state)
{
	struct name names[LIMIT_SHARD];

	(void)state;
	for (unsigned char i = 0; i < LIMIT_SHARD; i++)
		names[i] = make(i / LIMIT_PEER, NOW, NOW + 100);
	assert_int_equal(limits_choose(LIMITS_TICKETS, names, LIMIT_SHARD, NOW), LIMIT_SHARD);
	assert_int_equal(limits_choose(LIMITS_TICKETS, names, 0, NOW), 0);
}

/* Is it among those that stay? */
static bool stays(const struct name *names, size_t kept, const struct name *name)
{
	for (size_t i = 0; i < kept; i++)
		if (strcmp(names[i].text, name->text) == 0)
			return true;
	return false;
}

static void surplus_goes_the_oldest_first(void **state)
{
	struct name names[7];

	(void)state;
	/* Received out of order, and another peer's in between. */
	names[0] = make(1, NOW - 3, NOW + 100);
	names[1] = make(1, NOW - 6, NOW + 100);
	names[2] = make(2, NOW - 9, NOW + 100);
	names[3] = make(1, NOW - 1, NOW + 100);
	names[4] = make(1, NOW - 7, NOW + 100);
	names[5] = make(1, NOW - 3, NOW + 100);
	names[6] = make(1, NOW - 2, NOW + 100);
	const struct name newest = names[3];
	const struct name oldest[2] = {names[4], names[1]};
	const struct name other = names[2];

	assert_int_equal(limits_choose(LIMITS_TICKETS, names, 7, NOW), 5);
	assert_string_equal(names[0].text, newest.text);
	assert_true(stays(names, 5, &other));
	assert_false(stays(names, 5, &oldest[0]));
	assert_false(stays(names, 5, &oldest[1]));
	assert_true(stays(names + 5, 2, &oldest[0]));
	assert_true(stays(names + 5, 2, &oldest[1]));
}

static void dead_ones_go_before_old_ones(void **state)
{
	struct name names[LIMIT_PEER + 1];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make(1, NOW - 50 + (int64_t)i, NOW + 100);
	names[3] = make(1, NOW, NOW);
	const struct name dead = names[3];

	assert_int_equal(limits_choose(LIMITS_TICKETS, names, count, NOW), LIMIT_PEER);
	assert_string_equal(names[LIMIT_PEER].text, dead.text);
}

static void shard_has_its_bound(void **state)
{
	struct name names[LIMIT_SHARD + 5];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make((unsigned char)i, NOW - (int64_t)i, NOW + 100);
	const struct name oldest = names[count - 1];
	const struct name newest = names[0];

	assert_int_equal(limits_choose(LIMITS_TICKETS, names, count, NOW), LIMIT_SHARD);
	assert_string_equal(names[0].text, newest.text);
	assert_string_equal(names[count - 1].text, oldest.text);
}

static void path_records_are_bounded_by_their_age(void **state)
{
	static struct name names[LIMIT_ALL + 2];
	const size_t count = suite_length(names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		names[i] = make((unsigned char)i, NOW - (int64_t)i, NOW + 30 * 24 * 3600);
	names[7].expires = NOW;
	assert_int_equal(limits_choose(LIMITS_PATHS, names, count, NOW), LIMIT_ALL);
	assert_int_equal(names[LIMIT_ALL - 1].received, NOW - LIMIT_ALL);
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

	return suite_run_offline("limits", tests, suite_length(tests));
}
