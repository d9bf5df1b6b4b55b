/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The race with an address that fast open is not to be tried with, and what a winner tells of fast
 * open. */

#include "race/race.h"

#include "support/suite.h"

#define RTT_US 40000

static void begin(struct race *race, size_t addresses, int64_t rtt_us)
{
	race_init(race, true, rtt_us);
	for (size_t i = 0; i < addresses; i++)
		assert_true(race_add_address(race));
	race_addresses_end(race);
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
	race_plain_only(&race, attempt);
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
	race_plain_only(&race, next(&race, 0, 0, RACE_DATA));
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

static void unanswered_syn_is_a_failure(void **state)
{
	int64_t silence_us = 0;
	struct race race;

	(void)state;
	begin(&race, 1, RTT_US);
	next(&race, 0, 0, RACE_DATA);
	size_t plain = next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	race_connected(&race, plain, 3 * RTT_US, false, RTT_US);
	assert_true(race_fast_open_failed(&race, 3 * RTT_US, &silence_us));
	assert_int_equal(silence_us, 0);
}

static void reset_is_a_failure(void **state)
{
	int64_t silence_us = 0;
	struct race race;

	(void)state;
	for (int reset = 0; reset < 2; reset++) {
		begin(&race, 1, RTT_US);
		race_failed(&race, next(&race, 0, 0, RACE_DATA), reset);
		size_t plain = 0;
		if (!race_next(&race, RTT_US, &plain))
			continue;
		assert_true(reset);
		race_connected(&race, plain, 2 * RTT_US, false, RTT_US);
		assert_true(race_fast_open_failed(&race, 2 * RTT_US, &silence_us));
		assert_int_equal(silence_us, 0);
	}
}

/* The address may be dead, for all we know. */
static void another_winner_tells_nothing(void **state)
{
	int64_t silence_us = 0;
	struct race race;

	(void)state;
	begin(&race, 2, RTT_US);
	next(&race, 0, 0, RACE_DATA);
	next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	size_t other = next(&race, 2 * RTT_US, 1, RACE_COOKIE);
	race_connected(&race, other, 3 * RTT_US, false, RTT_US);
	assert_false(race_fast_open_failed(&race, 3 * RTT_US, &silence_us));

	/* Nor when it connects plainly. */
	begin(&race, 2, RTT_US);
	next(&race, 0, 0, RACE_DATA);
	next(&race, 2 * RTT_US, 0, RACE_PLAIN);
	other = next(&race, 2 * RTT_US, 1, RACE_COOKIE);
	race_plain_only(&race, other);
	race_connected(&race, other, 3 * RTT_US, false, RTT_US);
	assert_false(race_fast_open_failed(&race, 3 * RTT_US, &silence_us));
}

static void fast_open_that_wins_has_not_failed(void **state)
{
	int64_t silence_us = 0;
	struct race race;

	(void)state;
	begin(&race, 1, RTT_US);
	size_t attempt = next(&race, 0, 0, RACE_DATA);
	race_connected(&race, attempt, RTT_US, true, RTT_US);
	race_answered(&race, attempt);
	assert_false(race_fast_open_failed(&race, RTT_US, &silence_us));
}

/* Acknowledged data is silent when its grace time is over, not when a plain attempt was quick. */
static void silence_takes_its_time(void **state)
{
	int64_t silence_us = 0;
	struct race race;

	(void)state;
	begin(&race, 1, 1000);
	size_t data = next(&race, 0, 0, RACE_DATA);
	size_t plain = next(&race, RACE_DELAY_LEAST_US, 0, RACE_PLAIN);
	race_connected(&race, data, 60000, true, 60000);
	race_connected(&race, plain, 110000, false, 60000);
	assert_int_equal(race_winner(&race), plain);
	assert_false(race_fast_open_failed(&race, 110000, &silence_us));

	begin(&race, 1, 100000);
	data = next(&race, 0, 0, RACE_DATA);
	race_connected(&race, data, 60000, true, 60000);
	int64_t grace_end = 60000 + RACE_GRACE_LEAST_US;
	plain = next(&race, grace_end, 0, RACE_PLAIN);
	race_connected(&race, plain, grace_end + 60000, false, 60000);
	assert_true(race_fast_open_failed(&race, grace_end + 60000, &silence_us));
	assert_int_equal(silence_us, RACE_GRACE_LEAST_US + 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_tried_once),
		cmocka_unit_test(another_address_follows),
		cmocka_unit_test(known_round_trip_time_shortens_the_delay),
		cmocka_unit_test(unanswered_syn_is_a_failure),
		cmocka_unit_test(reset_is_a_failure),
		cmocka_unit_test(another_winner_tells_nothing),
		cmocka_unit_test(fast_open_that_wins_has_not_failed),
		cmocka_unit_test(silence_takes_its_time),
	};

	return suite_run_offline("race: plain only", tests, suite_length(tests));
}
