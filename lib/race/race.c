/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "race/race.h"

#include <string.h>

#define NONE	 (-1)
#define LONG_AGO INT64_MIN

void race_init(struct race *race, bool fast_open, int64_t rtt_us)
{
	memset(race, 0, sizeof(*race));
	race->fast_open = fast_open;
	race->more = true;
	race->winner = NONE;
	race->delay_us = RACE_DELAY_US;
	if (rtt_us >= 0)
		race->delay_us =
			2 * rtt_us > RACE_DELAY_LEAST_US ? 2 * rtt_us : RACE_DELAY_LEAST_US;
}

bool race_add_address(struct race *race)
{
	if (race->address_count == RACE_ADDRESSES)
		return false;
	race->address_count++;
	return true;
}

void race_addresses_end(struct race *race)
{
	race->more = false;
}

static bool is_running(const struct race_attempt *attempt)
{
	return attempt->state == RACE_CONNECTING || attempt->state == RACE_UNPROVEN;
}

/* The first address that has not been tried in any way. */
static int fresh_address(const struct race *race)
{
	for (size_t i = 0; i < race->address_count; i++)
		if (!race->addresses[i].tried)
			return (int)i;
	return NONE;
}

/* The first address that was tried with fast open only and may be tried plainly. */
static int unsure_address(const struct race *race)
{
	for (size_t i = 0; i < race->address_count; i++) {
		const struct race_address *address = &race->addresses[i];

		if (address->tried && !address->tried_plain && !address->dead)
			return (int)i;
	}
	return NONE;
}

/* The first address that is to be tried plainly without any delay. */
static int owed_address(const struct race *race)
{
	for (size_t i = 0; i < race->address_count; i++) {
		const struct race_address *address = &race->addresses[i];

		if (address->owed && !address->tried_plain && !address->dead)
			return (int)i;
	}
	return NONE;
}

/* The attempt whose data was acknowledged and that has not answered, or NULL. */
static const struct race_attempt *silent_attempt(const struct race *race)
{
	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];

		if (attempt->state == RACE_UNPROVEN &&
			!race->addresses[attempt->address].tried_plain)
			return attempt;
	}
	return NULL;
}

/* The only attempt that runs, or NULL. */
static const struct race_attempt *lone_attempt(const struct race *race)
{
	const struct race_attempt *lone = NULL;

	for (size_t i = 0; i < race->attempt_count; i++) {
		if (!is_running(&race->attempts[i]))
			continue;
		if (lone != NULL)
			return NULL;
		lone = &race->attempts[i];
	}
	return lone;
}

static bool any_running(const struct race *race)
{
	for (size_t i = 0; i < race->attempt_count; i++)
		if (is_running(&race->attempts[i]))
			return true;
	return false;
}

/* Whether the last attempt was the first one to its address, and not the companion of another. */
static bool last_was_fresh(const struct race *race)
{
	size_t last = race->attempt_count - 1;

	if (race->attempts[last].mode == RACE_COOKIE)
		return false;
	for (size_t i = 0; i < last; i++)
		if (race->attempts[i].address == race->attempts[last].address)
			return false;
	return true;
}

/*
 * When the next attempt is due for want of SYN-ACKs: long ago when none runs. An unproven one has its
 * grace time instead.
 */
static int64_t delay_end(const struct race *race)
{
	int64_t end = LONG_AGO;

	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];

		if (is_running(attempt) && attempt->due_us > end)
			end = attempt->due_us;
	}
	return end;
}

struct choice {
	int address; /* or NONE */
	enum race_mode mode;
	int64_t due_us;
};

/* Whether no SYN-ACK has come for it, and a plain attempt may tell why. */
static bool is_silent_data(const struct race *race, const struct race_attempt *attempt)
{
	return attempt != NULL && attempt->mode == RACE_DATA && attempt->state == RACE_CONNECTING &&
	       !race->addresses[attempt->address].tried_plain;
}

/* What comes next when nothing is urgent. */
static struct choice choose_in_turn(const struct race *race)
{
	int fresh = fresh_address(race);
	int unsure = unsure_address(race);
	int64_t due_us = delay_end(race);
	const struct race_attempt *lone = lone_attempt(race);

	if (!race->fast_open)
		return (struct choice){fresh, RACE_PLAIN, due_us};
	if (fresh != NONE && !any_running(race))
		return (struct choice){fresh, RACE_DATA, due_us};
	if (fresh != NONE && is_silent_data(race, lone))
		return (struct choice){lone->address, RACE_PLAIN, due_us};
	if (fresh != NONE && lone != NULL && lone->mode == RACE_DATA)
		return (struct choice){fresh, RACE_COOKIE, due_us};
	/* In turn: data in the SYN may have been in the way, or the address. */
	if (unsure != NONE && (fresh == NONE || last_was_fresh(race)))
		return (struct choice){unsure, RACE_PLAIN, due_us};
	return (struct choice){fresh, RACE_PLAIN, due_us};
}

/* What comes next, and when. */
static struct choice choose(const struct race *race)
{
	int owed = owed_address(race);
	const struct race_attempt *silent = silent_attempt(race);

	if (race->winner != NONE || race->attempt_count == RACE_ATTEMPTS)
		return (struct choice){NONE, RACE_PLAIN, LONG_AGO};
	if (owed != NONE)
		return (struct choice){owed, RACE_PLAIN, LONG_AGO};
	if (race->cookie_due && fresh_address(race) != NONE)
		return (struct choice){fresh_address(race), RACE_COOKIE, LONG_AGO};
	if (silent != NULL)
		return (struct choice){silent->address, RACE_PLAIN, silent->due_us};
	return choose_in_turn(race);
}

bool race_next(struct race *race, int64_t now_us, size_t *ret_attempt)
{
	struct choice choice = choose(race);

	if (choice.address == NONE || now_us < choice.due_us)
		return false;
	/* Either the silent address was in the way or fast open was, and no time is lost on telling
	 * which. */
	const struct race_attempt *lone = lone_attempt(race);
	race->cookie_due = choice.mode == RACE_PLAIN && is_silent_data(race, lone) &&
			   lone->address == choice.address && fresh_address(race) != NONE;
	struct race_address *address = &race->addresses[choice.address];
	address->tried = true;
	address->tried_plain = address->tried_plain || choice.mode == RACE_PLAIN;
	race->attempts[race->attempt_count] = (struct race_attempt){
		.address = (unsigned char)choice.address,
		.mode = (unsigned char)choice.mode,
		.due_us = now_us + race->delay_us,
	};
	*ret_attempt = race->attempt_count++;
	return true;
}

void race_started(struct race *race, size_t attempt, int64_t now_us)
{
	race->attempts[attempt].due_us = now_us + race->delay_us;
}

void race_is_plain(struct race *race, size_t attempt)
{
	struct race_attempt *its = &race->attempts[attempt];

	its->mode = RACE_PLAIN;
	race->addresses[its->address].tried_plain = true;
	race->fast_open = false;
}

void race_plain_only(struct race *race, size_t attempt)
{
	struct race_attempt *its = &race->attempts[attempt];

	its->mode = RACE_PLAIN;
	its->remembered = true;
	race->addresses[its->address].tried_plain = true;
}

static void win(struct race *race, size_t attempt)
{
	race->attempts[attempt].state = RACE_WON;
	race->winner = (int)attempt;
}

void race_connected(
	struct race *race, size_t attempt, int64_t now_us, bool acknowledged, int64_t rtt_us)
{
	struct race_attempt *its = &race->attempts[attempt];

	if (its->state != RACE_CONNECTING || race->winner != NONE)
		return;
	if (!acknowledged) {
		win(race, attempt);
		return;
	}
	its->state = RACE_UNPROVEN;
	its->acknowledged_us = (uint32_t)now_us;
	its->due_us =
		now_us + (2 * rtt_us > RACE_GRACE_LEAST_US ? 2 * rtt_us : RACE_GRACE_LEAST_US);
}

void race_be_patient(struct race *race, size_t attempt, int64_t until_us)
{
	if (race->attempts[attempt].state == RACE_UNPROVEN)
		race->attempts[attempt].due_us = until_us;
}

void race_answered(struct race *race, size_t attempt)
{
	if (is_running(&race->attempts[attempt]) && race->winner == NONE)
		win(race, attempt);
}

void race_failed(struct race *race, size_t attempt, enum race_reset reset)
{
	struct race_attempt *its = &race->attempts[attempt];
	struct race_address *address = &race->addresses[its->address];

	if (!is_running(its))
		return;
	its->state = RACE_FAILED;
	its->reset = (unsigned char)reset;
	if (reset != RACE_NO_RESET)
		address->owed = true;
	else
		address->dead = true;
}

int race_winner(const struct race *race)
{
	return race->winner;
}

bool race_lost(const struct race *race)
{
	return race->winner == NONE && !race->more && !any_running(race) &&
	       choose(race).address == NONE;
}

int64_t race_deadline(const struct race *race)
{
	struct choice choice = choose(race);

	if (choice.address == NONE)
		return NONE;
	return choice.due_us == LONG_AGO ? 0 : choice.due_us;
}
