/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_policy.h"

#include <string.h>

/* Servers of a crowd are known well enough by this, and most are written once or never. */
#define THINK_STEP_US 100000

/* A pause that is longer than any is from a clock that was wrong. */
static bool is_paused(const struct path_state *state, int64_t now)
{
	return state->failures > 0 && now < state->until && state->until - now <= PATH_PAUSE_MOST;
}

enum path_advice path_advise(const struct path_state *state, int64_t now)
{
	if (state->failures == 0)
		return PATH_GO;
	if (is_paused(state, now))
		return PATH_AVOID;
	if (state->probing != 0 && now >= state->probing && now - state->probing < PATH_PROBE_TIME)
		return PATH_AVOID;
	return PATH_PROBE;
}

bool path_failed(struct path_state *state, int64_t now)
{
	int64_t pause = PATH_PAUSE_FIRST;

	if (is_paused(state, now))
		return false;
	for (uint32_t i = 0; i < state->failures && pause < PATH_PAUSE_MOST; i++)
		pause *= 2;
	if (state->failures < UINT32_MAX)
		state->failures++;
	state->failed = now;
	state->until = now + (pause < PATH_PAUSE_MOST ? pause : PATH_PAUSE_MOST);
	state->probing = 0;
	return true;
}

bool path_network_failed(
	struct path_network *network, const unsigned char id[static PATH_ID_SIZE], int64_t now)
{
	if (network->state.failures > 0)
		return path_failed(&network->state, now);
	/* Failures of other days do not add up. */
	if (now - network->state.failed > PATH_PAUSE_MOST)
		network->count = 0;
	for (unsigned char i = 0; i < network->count; i++)
		if (memcmp(network->failed[i], id, PATH_ID_SIZE) == 0)
			return false;
	memcpy(network->failed[network->count++], id, PATH_ID_SIZE);
	network->state.failed = now;
	return network->count < PATH_DIFFERENT || path_failed(&network->state, now);
}

int64_t path_expires(const struct path_state *state)
{
	return state->failures > 0 ? state->until + PATH_LIFE : state->failed + PATH_PAUSE_MOST;
}

int64_t path_grace(int64_t rtt_us, int64_t think_us)
{
	int64_t think = think_us < PATH_THINK_MOST_US ? think_us : PATH_THINK_MOST_US;

	return 2 * rtt_us > think + PATH_GRACE_LEAST_US ? 2 * rtt_us : think + PATH_GRACE_LEAST_US;
}

bool path_think_differs(int64_t old_us, int64_t new_us)
{
	return new_us - old_us > THINK_STEP_US || old_us - new_us > THINK_STEP_US;
}

bool path_rtt_differs(int64_t old_us, int64_t new_us, int64_t least_us)
{
	if (old_us < 0 || new_us < 0)
		return new_us >= 0;
	int64_t old = old_us > least_us ? old_us : least_us;
	int64_t new = new_us > least_us ? new_us : least_us;

	return new > old + old / 4 || new < old - old / 4;
}
