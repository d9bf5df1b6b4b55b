/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* race/race says which attempt starts when, and which wins. Times are milliseconds here. */

#include "race/race.h"
#include "support/suite.h"

#define RTT_UNKNOWN (-1)

static struct race race_of(size_t addresses, bool fast_open, int64_t rtt_ms)
{
	struct race race;

	race_init(&race, fast_open, rtt_ms < 0 ? -1 : rtt_ms * 1000);
	race_set_addresses(&race, addresses, false);
	return race;
}

/* At this time exactly this attempt starts. */
static void expect_start(struct race *race, int64_t ms, size_t attempt, size_t address, int mode)
{
	size_t got = SIZE_MAX;

	assert_true(race_next(race, ms * 1000, &got));
	assert_int_equal(got, attempt);
	assert_int_equal(race->attempts[got].address, address);
	assert_int_equal(race->attempts[got].mode, mode);
	assert_int_equal(race->attempts[got].state, RACE_CONNECTING);
}

static void expect_none(struct race *race, int64_t ms)
{
	size_t got;

	assert_false(race_next(race, ms * 1000, &got));
}

/* Nothing starts before @ms, and race_deadline() says so. */
static void expect_quiet_until(struct race *race, int64_t ms)
{
	size_t got;

	assert_int_equal(race_deadline(race), ms * 1000);
	assert_false(race_next(race, ms * 1000 - 1, &got));
}

static void expect_no_deadline(struct race *race)
{
	assert_int_equal(race_deadline(race), -1);
	expect_none(race, 1000000);
}

static void connected(struct race *race, size_t attempt, int64_t ms, bool acknowledged)
{
	race_connected(race, attempt, ms * 1000, acknowledged, 250000);
}

/* ------------------------------------------------------------------------------ the delays -- */

static void delay_is_250_ms_while_nothing_is_known(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	assert_int_equal(race_deadline(&race), 0);
	expect_start(&race, 1000, 0, 0, RACE_DATA);
	expect_quiet_until(&race, 1250);
	expect_start(&race, 1250, 1, 0, RACE_PLAIN);
	expect_no_deadline(&race);
}

static void delay_is_twice_a_known_round_trip_time(void **state)
{
	static const struct {
		int64_t rtt_ms, delay_ms;
	} cases[] = {{0, 50}, {1, 50}, {25, 50}, {26, 52}, {100, 200}, {400, 800}};

	(void)state;
	for (size_t i = 0; i < suite_length(cases); i++) {
		struct race race = race_of(1, true, cases[i].rtt_ms);

		expect_start(&race, 1000, 0, 0, RACE_DATA);
		expect_quiet_until(&race, 1000 + cases[i].delay_ms);
		expect_start(&race, 1000 + cases[i].delay_ms, 1, 0, RACE_PLAIN);
	}
}

/* A thread that was held up between asking and sending has the whole delay all the same. */
static void delay_counts_from_the_syn(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_started(&race, 0, 70000);
	expect_quiet_until(&race, 320);
	expect_start(&race, 320, 1, 0, RACE_PLAIN);
}

static void delay_counts_from_the_last_start(void **state)
{
	struct race race = race_of(4, false, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_PLAIN);
	expect_none(&race, 249);
	/* Late, because nobody asked earlier: no attempt is made up for. */
	expect_start(&race, 900, 1, 1, RACE_PLAIN);
	expect_none(&race, 900);
	expect_quiet_until(&race, 1150);
	expect_start(&race, 1150, 2, 2, RACE_PLAIN);
}

/* ------------------------------------------------------------------------------- the order -- */

/* Data to A; a plain SYN to A and an empty one to B; then in turn. */
static void silence_goes_on_by_address_and_mode(void **state)
{
	struct race race = race_of(4, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_quiet_until(&race, 250);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	assert_int_equal(race_deadline(&race), 0);
	expect_start(&race, 250, 2, 1, RACE_COOKIE);
	expect_quiet_until(&race, 500);
	expect_start(&race, 500, 3, 2, RACE_PLAIN);
	expect_quiet_until(&race, 750);
	expect_start(&race, 750, 4, 1, RACE_PLAIN);
	expect_start(&race, 1000, 5, 3, RACE_PLAIN);
	expect_no_deadline(&race);
	assert_false(race_lost(&race));
}

static void without_fast_open_addresses_are_tried_once_each(void **state)
{
	struct race race = race_of(3, false, RTT_UNKNOWN);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		expect_start(&race, 250 * (int64_t)i, i, i, RACE_PLAIN);
	expect_no_deadline(&race);
}

/* The system has none: found out by the first attempt, which goes on plainly. */
static void a_system_without_fast_open_makes_no_second_attempt(void **state)
{
	struct race race = race_of(2, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_make_plain(&race, 0, true);
	expect_quiet_until(&race, 250);
	expect_start(&race, 250, 1, 1, RACE_PLAIN);
	expect_no_deadline(&race);
	/* The same when the first has failed. */
	race = race_of(2, true, RTT_UNKNOWN);
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_make_plain(&race, 0, true);
	race_failed(&race, 0, true);
	expect_start(&race, 1, 1, 1, RACE_PLAIN);
	expect_no_deadline(&race);
}

/* ---------------------------------------------------------------------------- the failures -- */

static void a_failure_goes_on_at_once_and_with_data(void **state)
{
	struct race race = race_of(3, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_failed(&race, 0, false);
	assert_int_equal(race_deadline(&race), 0);
	expect_start(&race, 3, 1, 1, RACE_DATA);
	expect_quiet_until(&race, 253);
	/* Its silence is answered as that of the first would be. */
	expect_start(&race, 253, 2, 1, RACE_PLAIN);
	expect_start(&race, 253, 3, 2, RACE_COOKIE);
	expect_quiet_until(&race, 503);
	expect_start(&race, 503, 4, 2, RACE_PLAIN);
	expect_no_deadline(&race);
}

/* One that fails beside one that runs: the delay of that one still holds. */
static void a_failure_beside_a_running_attempt_waits(void **state)
{
	struct race race = race_of(4, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	expect_start(&race, 250, 2, 1, RACE_COOKIE);
	race_failed(&race, 2, false);
	expect_quiet_until(&race, 500);
	expect_start(&race, 500, 3, 2, RACE_PLAIN);
	race_failed(&race, 3, false);
	expect_start(&race, 510, 4, 3, RACE_PLAIN);
	expect_no_deadline(&race);
}

static void a_reset_is_followed_by_a_plain_attempt_at_once(void **state)
{
	struct race race = race_of(2, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_failed(&race, 0, true);
	expect_start(&race, 40, 1, 0, RACE_PLAIN);
	expect_quiet_until(&race, 290);
	/* Refused that way too: it is the address. */
	race_failed(&race, 1, false);
	expect_start(&race, 80, 2, 1, RACE_DATA);
	race_failed(&race, 2, true);
	assert_false(race_lost(&race));
	expect_start(&race, 120, 3, 1, RACE_PLAIN);
	race_failed(&race, 3, false);
	expect_none(&race, 1000);
	assert_true(race_lost(&race));
	/* Silent that way: where a reset was, fast open is not tried on the next. */
	race = race_of(2, true, RTT_UNKNOWN);
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_failed(&race, 0, true);
	expect_start(&race, 40, 1, 0, RACE_PLAIN);
	expect_start(&race, 290, 2, 1, RACE_PLAIN);
}

/* Two resets found together: neither is forgotten. */
static void every_reset_is_followed_by_a_plain_attempt(void **state)
{
	struct race race = race_of(2, true, RTT_UNKNOWN);
	size_t got;

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_failed(&race, 0, false);
	expect_start(&race, 0, 1, 1, RACE_DATA);
	race.attempts[0].state = RACE_CONNECTING; /* as if both ran */
	race.addresses[0].dead = false;
	race_failed(&race, 0, true);
	race_failed(&race, 1, true);
	assert_true(race_next(&race, 10000, &got));
	assert_true(race_next(&race, 10000, &got));
	assert_int_equal(race.attempts[2].address, 0);
	assert_int_equal(race.attempts[3].address, 1);
}

/* The plain attempt of before is enough. */
static void a_late_reset_changes_nothing(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	race_failed(&race, 0, true);
	expect_no_deadline(&race);
	assert_false(race_lost(&race));
	race_failed(&race, 1, false);
	assert_true(race_lost(&race));
	expect_none(&race, 9000);
}

/* A reset after acknowledged data is one too. */
static void a_reset_of_an_unproven_attempt_is_followed_at_once(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	connected(&race, 0, 50, true);
	race_failed(&race, 0, true);
	expect_start(&race, 60, 1, 0, RACE_PLAIN);
}

/* A refused address is not repeated because of one that is silent. */
static void a_dead_address_is_not_tried_in_another_mode(void **state)
{
	struct race race = race_of(2, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	expect_start(&race, 250, 2, 1, RACE_COOKIE);
	race_failed(&race, 2, false);
	expect_no_deadline(&race);
	race_failed(&race, 0, false);
	race_failed(&race, 1, false);
	assert_true(race_lost(&race));
}

/* ------------------------------------------------------------------------------ the winner -- */

static void a_syn_ack_wins_unless_it_acknowledged_data(void **state)
{
	static const int modes[] = {RACE_DATA, RACE_PLAIN, RACE_COOKIE};

	(void)state;
	for (size_t i = 0; i < suite_length(modes); i++) {
		struct race race = race_of(2, true, RTT_UNKNOWN);

		expect_start(&race, 0, 0, 0, RACE_DATA);
		if (i > 0) {
			expect_start(&race, 250, 1, 0, RACE_PLAIN);
			expect_start(&race, 250, 2, 1, RACE_COOKIE);
		}
		assert_int_equal(race.attempts[i].mode, modes[i]);
		assert_int_equal(race.winner, -1);
		connected(&race, i, 300, false);
		assert_int_equal(race.winner, (int)i);
		assert_int_equal(race.attempts[i].state, RACE_WON);
		expect_no_deadline(&race);
		assert_false(race_lost(&race));
	}
}

static void acknowledged_data_wins_with_the_first_byte(void **state)
{
	struct race race = race_of(2, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	connected(&race, 0, 50, true);
	assert_int_equal(race.winner, -1);
	expect_quiet_until(&race, 300);
	race_answered(&race, 0);
	assert_int_equal(race.winner, 0);
	expect_no_deadline(&race);
}

static void silence_after_acknowledged_data_has_a_grace_time(void **state)
{
	static const int64_t graces_ms[] = {250, 252, 1200};

	(void)state;
	for (size_t i = 0; i < suite_length(graces_ms); i++) {
		int64_t over_ms = 240 + graces_ms[i];
		struct race race = race_of(2, true, RTT_UNKNOWN);

		expect_start(&race, 0, 0, 0, RACE_DATA);
		race_connected(&race, 0, 240000, true, graces_ms[i] * 1000);
		/* The attempt delay is over before, and does not count. */
		expect_quiet_until(&race, over_ms);
		expect_start(&race, over_ms, 1, 0, RACE_PLAIN);
		/* Once; then the next address. */
		expect_quiet_until(&race, over_ms + 250);
		expect_start(&race, over_ms + 250, 2, 1, RACE_PLAIN);
		expect_no_deadline(&race);
		/* Whichever is first still wins. */
		race_answered(&race, 0);
		assert_int_equal(race.winner, 0);
	}
}

/* An address that has shown life holds back the others for its grace time. */
static void grace_time_holds_for_every_address(void **state)
{
	struct race race;

	(void)state;
	race_init(&race, true, -1);
	race_set_addresses(&race, 1, true);
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	connected(&race, 0, 490, true);
	race_set_addresses(&race, 2, true);
	expect_quiet_until(&race, 740);
	expect_start(&race, 740, 2, 1, RACE_PLAIN);
}

/* It answers after a plain attempt stood beside it long ago. */
static void silence_after_a_plain_attempt_needs_no_other(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	connected(&race, 0, 260, true);
	expect_no_deadline(&race);
	connected(&race, 1, 270, false);
	assert_int_equal(race.winner, 1);
}

static void there_is_one_winner(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	expect_start(&race, 250, 1, 0, RACE_PLAIN);
	connected(&race, 0, 260, true);
	connected(&race, 1, 260, false);
	race_answered(&race, 0);
	race_connected(&race, 0, 261000, false, 0);
	race_failed(&race, 0, true);
	assert_int_equal(race.winner, 1);
	expect_none(&race, 100000);
	assert_false(race_lost(&race));
}

static void an_answer_before_the_syn_ack_was_seen_wins(void **state)
{
	struct race race = race_of(1, true, RTT_UNKNOWN);

	(void)state;
	expect_start(&race, 0, 0, 0, RACE_DATA);
	race_answered(&race, 0);
	assert_int_equal(race.winner, 0);
}

/* ------------------------------------------------------------------------------- addresses -- */

static void addresses_may_come_late(void **state)
{
	struct race race;

	(void)state;
	race_init(&race, true, -1);
	expect_no_deadline(&race);
	assert_false(race_lost(&race));
	race_set_addresses(&race, 1, true);
	expect_start(&race, 20, 0, 0, RACE_DATA);
	race_failed(&race, 0, false);
	/* There may be more. */
	expect_no_deadline(&race);
	assert_false(race_lost(&race));
	race_set_addresses(&race, 2, true);
	expect_start(&race, 600, 1, 1, RACE_DATA);
	expect_start(&race, 850, 2, 1, RACE_PLAIN);
	race_set_addresses(&race, 3, true);
	expect_quiet_until(&race, 1100);
	expect_start(&race, 1100, 3, 2, RACE_PLAIN);
	race_failed(&race, 1, false);
	race_failed(&race, 2, false);
	race_failed(&race, 3, false);
	assert_false(race_lost(&race));
	race_set_addresses(&race, 3, false);
	assert_true(race_lost(&race));
}

static void no_address_is_a_lost_race(void **state)
{
	struct race race = race_of(0, true, RTT_UNKNOWN);

	(void)state;
	expect_no_deadline(&race);
	assert_true(race_lost(&race));
}

/* Every address in both modes: that is all there is room for, and all that is ever tried. */
static void capacity_is_every_address_in_both_modes(void **state)
{
	struct race race = race_of(RACE_ADDRESSES + 1, true, RTT_UNKNOWN);
	size_t got = 0;
	size_t count = 0;

	(void)state;
	assert_int_equal(race.address_count, RACE_ADDRESSES);
	for (int64_t ms = 0; ms < 100000; ms += 250)
		while (race_next(&race, ms * 1000, &got))
			count++;
	/* The third to the last are tried plainly only. */
	assert_int_equal(count, RACE_ADDRESSES + 2);
	expect_no_deadline(&race);
	race = race_of(RACE_ADDRESSES, true, RTT_UNKNOWN);
	for (count = 0; race_next(&race, 0, &got); count++)
		race_failed(&race, got, race.attempts[got].mode != RACE_PLAIN);
	assert_int_equal(count, RACE_ATTEMPTS);
	assert_true(race_lost(&race));
	assert_int_equal(race_deadline(&race), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delay_is_250_ms_while_nothing_is_known),
		cmocka_unit_test(delay_is_twice_a_known_round_trip_time),
		cmocka_unit_test(delay_counts_from_the_syn),
		cmocka_unit_test(delay_counts_from_the_last_start),
		cmocka_unit_test(silence_goes_on_by_address_and_mode),
		cmocka_unit_test(without_fast_open_addresses_are_tried_once_each),
		cmocka_unit_test(a_system_without_fast_open_makes_no_second_attempt),
		cmocka_unit_test(a_failure_goes_on_at_once_and_with_data),
		cmocka_unit_test(a_failure_beside_a_running_attempt_waits),
		cmocka_unit_test(a_reset_is_followed_by_a_plain_attempt_at_once),
		cmocka_unit_test(every_reset_is_followed_by_a_plain_attempt),
		cmocka_unit_test(a_late_reset_changes_nothing),
		cmocka_unit_test(a_reset_of_an_unproven_attempt_is_followed_at_once),
		cmocka_unit_test(a_dead_address_is_not_tried_in_another_mode),
		cmocka_unit_test(a_syn_ack_wins_unless_it_acknowledged_data),
		cmocka_unit_test(acknowledged_data_wins_with_the_first_byte),
		cmocka_unit_test(silence_after_acknowledged_data_has_a_grace_time),
		cmocka_unit_test(grace_time_holds_for_every_address),
		cmocka_unit_test(silence_after_a_plain_attempt_needs_no_other),
		cmocka_unit_test(there_is_one_winner),
		cmocka_unit_test(an_answer_before_the_syn_ack_was_seen_wins),
		cmocka_unit_test(addresses_may_come_late),
		cmocka_unit_test(no_address_is_a_lost_race),
		cmocka_unit_test(capacity_is_every_address_in_both_modes),
	};

	return suite_run_offline("race", tests, suite_length(tests));
}
