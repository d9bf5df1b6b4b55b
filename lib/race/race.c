/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "race/race.h"

#define NONE	 (-1)
#define LONG_AGO INT64_MIN

void race_init(struct race *race, bool fast_open, int64_t rtt_us)
{
	int64_t known_us = 2 * rtt_us > RACE_DELAY_LEAST_US ? 2 * rtt_us : RACE_DELAY_LEAST_US;

	*race = (struct race){
		.fast_open = fast_open,
		.more = true,
		.winner = NONE,
		.delay_us = rtt_us >= 0 ? known_us : RACE_DELAY_US,
	};
}

void race_set_addresses(struct race *race, size_t count, bool more)
{
	race->address_count = count < RACE_ADDRESSES ? count : RACE_ADDRESSES;
	race->more = more;
}

bool race_is_running(const struct race_attempt *attempt)
{
	return attempt->state == RACE_CONNECTING || attempt->state == RACE_UNPROVEN;
}

/* The facts on which the next choice depends. */
struct survey {
	int fresh; /* the first address that was not tried in any way, or NONE */
	int unsure; /* the first that was tried with fast open only and may be tried plainly, or NONE */
	int owed;	/* the first of these that is to be tried without any delay, or NONE */
	size_t running; /* attempts */
	const struct race_attempt *lone; /* the only one of these, or NULL */
	const struct race_attempt
		*silent; /* its data was acknowledged and it has not answered, or NULL */
	/* When the next attempt is due for want of SYN-ACKs: long ago when none runs. */
	int64_t delay_end;
};

static struct survey survey(const struct race *race)
{
	struct survey found = {.fresh = NONE, .unsure = NONE, .owed = NONE, .delay_end = LONG_AGO};

	for (size_t i = race->address_count; i-- > 0;) {
		const struct race_address *address = &race->addresses[i];

		if (!address->tried)
			found.fresh = (int)i;
		else if (!address->tried_plain && !address->dead)
			found.unsure = (int)i;
		if (address->owed && !address->tried_plain && !address->dead)
			found.owed = (int)i;
	}
	for (size_t i = race->attempt_count; i-- > 0;) {
		const struct race_attempt *attempt = &race->attempts[i];

		if (!race_is_running(attempt))
			continue;
		found.lone = found.running++ == 0 ? attempt : NULL;
		if (attempt->due_us > found.delay_end)
			found.delay_end = attempt->due_us;
		if (attempt->state == RACE_UNPROVEN &&
			!race->addresses[attempt->address].tried_plain)
			found.silent = attempt;
	}
	return found;
}

/* True when the last attempt was the first to its address, and did not start together with another one. */
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

struct choice {
	int address; /* or NONE */
	enum race_mode mode;
	int64_t due_us;
};

/* True when the only attempt has got no SYN-ACK, and a plain one to its address may tell why. */
static bool is_silent_data(const struct race *race, const struct race_attempt *lone)
{
	return lone != NULL && lone->mode == RACE_DATA && lone->state == RACE_CONNECTING &&
	       !race->addresses[lone->address].tried_plain;
}

/* The next attempt, and when it is due. */
static struct choice choose(const struct race *race, const struct survey *found)
{
	int fresh = found->fresh;
	int64_t due_us = found->delay_end;

	if (race->winner != NONE || race->attempt_count == RACE_ATTEMPTS)
		return (struct choice){NONE, RACE_PLAIN, LONG_AGO};
	if (found->owed != NONE)
		return (struct choice){found->owed, RACE_PLAIN, LONG_AGO};
	if (race->cookie_due && fresh != NONE)
		return (struct choice){fresh, RACE_COOKIE, LONG_AGO};
	if (found->silent != NULL)
		return (struct choice){found->silent->address, RACE_PLAIN, found->silent->due_us};
	/* From here on nothing is urgent. */
	if (!race->fast_open || fresh == NONE)
		return (struct choice){race->fast_open ? found->unsure : fresh, RACE_PLAIN, due_us};
	if (found->running == 0)
		return (struct choice){fresh, RACE_DATA, due_us};
	if (is_silent_data(race, found->lone))
		return (struct choice){found->lone->address, RACE_PLAIN, due_us};
	if (found->lone != NULL && found->lone->mode == RACE_DATA)
		return (struct choice){fresh, RACE_COOKIE, due_us};
	/* New and tried addresses take turns: data in the SYN may have been in the way, or the address is dead. */
	bool again = found->unsure != NONE && last_was_fresh(race);
	return (struct choice){again ? found->unsure : fresh, RACE_PLAIN, due_us};
}

bool race_next(struct race *race, int64_t now_us, size_t *ret_attempt)
{
	const struct survey found = survey(race);
	const struct choice choice = choose(race, &found);

	if (choice.address == NONE || now_us < choice.due_us)
		return false;
	/* Either the silent address was in the way or fast open was, and no time is lost on telling
	 * which. */
	race->cookie_due = choice.mode == RACE_PLAIN && is_silent_data(race, found.lone) &&
			   found.lone->address == choice.address && found.fresh != NONE;
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

void race_make_plain(struct race *race, size_t attempt, bool everywhere)
{
	struct race_attempt *its = &race->attempts[attempt];

	its->mode = RACE_PLAIN;
	its->remembered = !everywhere;
	race->addresses[its->address].tried_plain = true;
	race->fast_open = race->fast_open && !everywhere;
}

static void win(struct race *race, size_t attempt)
{
	race->attempts[attempt].state = RACE_WON;
	race->winner = (int)attempt;
}

void race_connected(
	struct race *race, size_t attempt, int64_t now_us, bool acknowledged, int64_t grace_us)
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
	its->due_us = now_us + grace_us;
}

void race_answered(struct race *race, size_t attempt)
{
	if (race_is_running(&race->attempts[attempt]) && race->winner == NONE)
		win(race, attempt);
}

void race_failed(struct race *race, size_t attempt, enum race_reset reset)
{
	struct race_attempt *its = &race->attempts[attempt];
	struct race_address *address = &race->addresses[its->address];

	if (!race_is_running(its))
		return;
	its->state = RACE_FAILED;
	its->reset = (unsigned char)reset;
	if (reset != RACE_NO_RESET)
		address->owed = true;
	else
		address->dead = true;
}

bool race_lost(const struct race *race)
{
	const struct survey found = survey(race);

	return race->winner == NONE && !race->more && found.running == 0 &&
	       choose(race, &found).address == NONE;
}

int64_t race_deadline(const struct race *race)
{
	const struct survey found = survey(race);
	const struct choice choice = choose(race, &found);

	if (choice.address == NONE)
		return NONE;
	return choice.due_us == LONG_AGO ? 0 : choice.due_us;
}
