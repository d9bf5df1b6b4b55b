/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "race/race.h"

#include <string.h>

#define NONE (-1)

void race_init(struct race *race, bool fast_open, int64_t rtt_us)
{
	memset(race, 0, sizeof(*race));
	race->fast_open = fast_open;
	race->more = true;
	race->owed = NONE;
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

/* The first address that has not been tried in any way. */
static int fresh_address(const struct race *race)
{
	for (size_t i = 0; i < race->address_count; i++)
		if (!race->addresses[i].tried && !race->addresses[i].tried_plain)
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

/* The address of an attempt whose data was acknowledged and that has not answered. */
static int silent_address(const struct race *race)
{
	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];

		if (attempt->state == RACE_UNPROVEN &&
			!race->addresses[attempt->address].tried_plain)
			return attempt->address;
	}
	return NONE;
}

struct choice {
	int address; /* or NONE */
	enum race_mode mode;
};

/* What comes next, whenever that is. */
static struct choice choose(const struct race *race)
{
	int fresh = fresh_address(race);
	int unsure = unsure_address(race);
	int silent = silent_address(race);

	if (silent != NONE)
		return (struct choice){silent, RACE_PLAIN};
	if (race->owed != NONE)
		return (struct choice){race->owed, RACE_PLAIN};
	if (!race->fast_open)
		return (struct choice){fresh, RACE_PLAIN};
	if (fresh != NONE && race->attempt_count == 0)
		return (struct choice){fresh, RACE_DATA};
	if (fresh != NONE && race->attempt_count == 1)
		return (struct choice){fresh, RACE_COOKIE};
	/* In turn: data in the SYN may have been in the way, or the address. */
	bool last_was_fresh = race->attempt_count % 2 == 0;
	if (unsure != NONE && (last_was_fresh || fresh == NONE))
		return (struct choice){unsure, RACE_PLAIN};
	return (struct choice){fresh, RACE_PLAIN};
}

static bool is_running(const struct race_attempt *attempt)
{
	return attempt->state == RACE_CONNECTING || attempt->state == RACE_UNPROVEN;
}

static bool any_running(const struct race *race)
{
	for (size_t i = 0; i < race->attempt_count; i++)
		if (is_running(&race->attempts[i]))
			return true;
	return false;
}

/* When the next attempt is due for want of SYN-ACKs. An unproven one has its grace time instead. */
static int64_t delay_end(const struct race *race)
{
	int64_t end = INT64_MIN;

	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];
		int64_t its = INT64_MIN;

		if (attempt->state == RACE_UNPROVEN)
			its = attempt->grace_us;
		else if (attempt->state == RACE_CONNECTING)
			its = attempt->start_us + race->delay_us;
		end = its > end ? its : end;
	}
	return end;
}

bool race_next(struct race *race, int64_t now_us, size_t *ret_attempt)
{
	struct choice choice = choose(race);

	if (race->winner != NONE || choice.address == NONE || race->attempt_count == RACE_ATTEMPTS)
		return false;
	if (race->owed == NONE && any_running(race) && now_us < delay_end(race))
		return false;
	struct race_address *address = &race->addresses[choice.address];
	address->tried = true;
	address->tried_plain = address->tried_plain || choice.mode == RACE_PLAIN;
	/* Either the first address was in the way or fast open was, and no time is lost on telling which. */
	bool both = choice.mode == RACE_COOKIE && any_running(race) &&
		    !race->addresses[race->attempts[0].address].tried_plain;
	race->owed = both ? race->attempts[0].address : NONE;
	race->attempts[race->attempt_count] = (struct race_attempt){
		.address = (unsigned char)choice.address,
		.mode = (unsigned char)choice.mode,
		.start_us = now_us,
	};
	*ret_attempt = race->attempt_count++;
	return true;
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
	its->acknowledged_us = now_us;
	its->grace_us =
		now_us + (2 * rtt_us > RACE_GRACE_LEAST_US ? 2 * rtt_us : RACE_GRACE_LEAST_US);
}

void race_answered(struct race *race, size_t attempt)
{
	if (is_running(&race->attempts[attempt]) && race->winner == NONE)
		win(race, attempt);
}

void race_failed(struct race *race, size_t attempt, bool reset)
{
	struct race_attempt *its = &race->attempts[attempt];
	struct race_address *address = &race->addresses[its->address];

	if (!is_running(its))
		return;
	its->state = RACE_FAILED;
	its->reset = reset;
	if (reset && !address->tried_plain)
		race->owed = its->address;
	else if (!reset)
		address->dead = true;
}

int race_winner(const struct race *race)
{
	return race->winner;
}

/* Did this attempt with fast open fail, given that a plain one to its address did not? */
static bool is_refuted(const struct race_attempt *attempt, int64_t now_us)
{
	switch (attempt->state) {
	case RACE_CONNECTING:
		return true;
	case RACE_UNPROVEN:
		return now_us >= attempt->grace_us;
	case RACE_FAILED:
		return attempt->reset;
	default:
		return false;
	}
}

bool race_fast_open_failed(const struct race *race, int64_t now_us, int64_t *ret_silence_us)
{
	const struct race_attempt *winner = &race->attempts[race->winner];

	if (winner->mode != RACE_PLAIN)
		return false;
	for (size_t i = 0; i < race->attempt_count; i++) {
		const struct race_attempt *attempt = &race->attempts[i];

		if (attempt->mode == RACE_PLAIN || attempt->address != winner->address ||
			!is_refuted(attempt, now_us))
			continue;
		*ret_silence_us =
			attempt->state == RACE_UNPROVEN ? now_us - attempt->acknowledged_us : 0;
		return true;
	}
	return false;
}

bool race_lost(const struct race *race)
{
	return race->winner == NONE && !race->more && !any_running(race) &&
	       (choose(race).address == NONE || race->attempt_count == RACE_ATTEMPTS);
}

int64_t race_deadline(const struct race *race)
{
	if (race->winner != NONE || race->attempt_count == RACE_ATTEMPTS)
		return NONE;
	if (!any_running(race) || choose(race).address == NONE)
		return NONE;
	return delay_end(race);
}
