/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In race/race, whatever happens in whatever order, there is one winner at most, no attempt after
 * it, none twice, and an end.
 */

#include "race/race.h"
#include "support/suite.h"

static uint64_t dice_state;

static uint64_t dice(uint64_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % sides;
}

struct game {
	struct race race;
	int64_t now_us;
	size_t started;
	size_t tries[RACE_ADDRESSES][3]; /* by mode */
	int winner;
};

/* What holds of the race at any moment. */
static void check_always(struct game *game)
{
	const struct race *race = &game->race;
	size_t won = 0;

	for (size_t i = 0; i < race->attempt_count; i++)
		won += race->attempts[i].state == RACE_WON;
	assert_int_equal(won, race->winner >= 0 ? 1 : 0);
	if (game->winner >= 0)
		assert_int_equal(race->winner, game->winner);
	game->winner = race->winner;
	assert_true(race->attempt_count <= RACE_ATTEMPTS);
	assert_false(race_lost(race) && race->winner >= 0);
}

static bool any_running(const struct race *race)
{
	for (size_t i = 0; i < race->attempt_count; i++)
		if (race->attempts[i].state < RACE_WON)
			return true;
	return false;
}

static void start_all(struct game *game)
{
	struct race *race = &game->race;
	size_t got;

	while (race_next(race, game->now_us, &got)) {
		assert_int_equal(got, game->started++);
		assert_int_equal(game->winner, -1);
		assert_int_equal(race->winner, -1);
		size_t *tries = game->tries[race->attempts[got].address];
		assert_int_equal(++tries[race->attempts[got].mode], 1);
		assert_true(tries[RACE_DATA] + tries[RACE_COOKIE] <= 1);
		if (dice(8) == 0)
			race_failed(race, got, false);
		else
			race_started(race, got, game->now_us + (int64_t)dice(1000));
		check_always(game);
	}
	/* It is asked again in the future, or an event is due: never both or neither. */
	assert_true(race_deadline(race) == -1 || race_deadline(race) > game->now_us);
	if (race_deadline(race) == -1 && !any_running(race))
		assert_true(race->winner >= 0 || race_lost(race) || race->more);
}

static void let_happen(struct game *game)
{
	struct race *race = &game->race;

	if (dice(4) == 0 && race->more)
		race_set_addresses(race, race->address_count + 1, true);
	if (dice(16) == 0)
		race_set_addresses(race, race->address_count, false);
	if (race->attempt_count > 0) {
		size_t i = (size_t)dice(race->attempt_count);
		bool data = race->attempts[i].mode == RACE_DATA;

		switch (dice(12)) {
		case 0:
			race_connected(
				race, i, game->now_us, data && dice(3) != 0, (int64_t)dice(300000));
			break;
		case 1:
			if (race->attempts[i].state == RACE_UNPROVEN)
				race_answered(race, i);
			break;
		case 2:
		case 3:
		case 4:
			race_failed(race, i, data && dice(2) == 0);
			break;
		case 5:
			if (race->attempt_count == 1 && race->attempts[0].state == RACE_CONNECTING)
				race_make_plain(race, 0, true);
			break;
		default:
			break;
		}
	}
	check_always(game);
}

static void play(uint64_t seed)
{
	struct game game = {.winner = -1};
	struct race *race = &game.race;

	dice_state = seed * 0x9e3779b97f4a7c15 + 1;
	race_init(race, dice(4) != 0, (int64_t)dice(200000) - 50000);
	race_set_addresses(race, (size_t)dice(5), true);
	for (int step = 0; step < 200; step++) {
		let_happen(&game);
		start_all(&game);
		int64_t next = race_deadline(race);
		if (next >= 0 && dice(2) == 0)
			game.now_us = next;
		else
			game.now_us += (int64_t)dice(200000);
	}
	/* No event any more: time alone brings it to where only events count. */
	race_set_addresses(race, race->address_count, false);
	for (int step = 0; step <= RACE_ATTEMPTS; step++) {
		start_all(&game);
		if (race_deadline(race) > 0)
			game.now_us = race_deadline(race);
	}
	assert_int_equal(race_deadline(race), -1);
	for (size_t i = 0; i < race->attempt_count; i++)
		race_failed(race, i, false);
	start_all(&game);
	if (!any_running(race))
		assert_true(race->winner >= 0 || race_lost(race));
}

static void any_order_of_events_ends_well(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20000; seed++)
		play(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_of_events_ends_well),
	};

	return suite_run_offline("race in any order", tests, suite_length(tests));
}
