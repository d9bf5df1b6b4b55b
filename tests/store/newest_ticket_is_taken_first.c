/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The newest ticket is taken first: the server that gave it is the likeliest to know its key still. */

#include "fixture.h"

static void by_order(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	/* Servers send two at once: within a second the order they came in counts. */
	for (uint64_t id = 1; id <= 4; id++)
		fixture_put(store, "example.org", id, now);
	for (uint64_t id = 4; id > 0; id--)
		assert_int_equal(fixture_take(store, "example.org", now), id);
}

static void by_time(struct tlsfo_store *store)
{
	static const int ages[] = {30, 10, 40, 20};
	int64_t now = fixture_now();

	for (size_t i = 0; i < suite_length(ages); i++)
		fixture_put(store, "example.org", (uint64_t)ages[i], now - ages[i]);
	for (uint64_t id = 10; id <= 40; id += 10)
		assert_int_equal(fixture_take(store, "example.org", now), id);
}

static void last_put_of_a_second(void **state)
{
	(void)state;
	fixture_each_kind(by_order);
}

static void last_received(void **state)
{
	(void)state;
	fixture_each_kind(by_time);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_put_of_a_second),
		cmocka_unit_test(last_received),
	};

	return suite_run_offline("newest ticket is taken first", tests, suite_length(tests));
}
