/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The race makes no attempt with fast open to an address that it is not to be tried with. */

#include "race/race.h"

#include "support/suite.h"

#define RTT_US 40000

static void begin(struct race *race, size_t addresses, int64_t rtt_us)
{
	race_init(race, true, rtt_us);
	race_set_addresses(race, addresses, false);
}

/* The next attempt is due now, and goes there in this mode. */
static size_t next(struct race *race, int64_t now_us, unsigned int address, enum race_mode mode)
{
	size_t attempt = 0;

	assert_true(race_next(race, now_us, &attempt));
	assert_int_equal(race->attempts[attempt].address, address);
	assert_int_equal(race->attempts[attempt].mode, mode);
	return attempt;
}

static void nothing_is_due(struct race *race, int64_t now_us)
{
	size_t attempt;

	assert_false(race_next(race, now_us, &attempt));
}

static void one_address_is_tried_once(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 1, RTT_US);
	size_t attempt = next(&race, 0, 0, RACE_DATA);
	race_make_plain(&race, attempt, false);
	assert_int_equal(race.attempts[attempt].mode, RACE_PLAIN);
	nothing_is_due(&race, 10000000);
	assert_int_equal(race_deadline(&race), -1);
	race_failed(&race, attempt, false);
	assert_true(race_lost(&race));
}

/* No second plain attempt goes to the first address along with the one to the next. */
static void another_address_follows(void **state)
{
	struct race race;
	size_t attempt = 0;

	(void)state;
	begin(&race, 2, RTT_US);
	race_make_plain(&race, next(&race, 0, 0, RACE_DATA), false);
	assert_int_equal(race_deadline(&race), 2 * RTT_US);
	nothing_is_due(&race, 2 * RTT_US - 1);
	assert_true(race_next(&race, 2 * RTT_US, &attempt));
	assert_int_equal(race.attempts[attempt].address, 1);
	while (race_next(&race, 2 * RTT_US, &attempt))
		assert_int_equal(race.attempts[attempt].address, 1);
}

static void known_round_trip_time_shortens_the_delay(void **state)
{
	struct race race;

	(void)state;
	begin(&race, 1, -1);
	next(&race, 0, 0, RACE_DATA);
	assert_int_equal(race_deadline(&race), RACE_DELAY_US);
	begin(&race, 1, RTT_US);
	next(&race, 0, 0, RACE_DATA);
	assert_int_equal(race_deadline(&race), 2 * RTT_US);
	begin(&race, 1, 100);
	next(&race, 0, 0, RACE_DATA);
	assert_int_equal(race_deadline(&race), RACE_DELAY_LEAST_US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_tried_once),
		cmocka_unit_test(another_address_follows),
		cmocka_unit_test(known_round_trip_time_shortens_the_delay),
	};

	return suite_run_offline("race: plain only", tests, suite_length(tests));
}
