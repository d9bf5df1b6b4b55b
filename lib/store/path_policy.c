/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/path_policy.h"

#include <string.h>

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

static int64_t pause_length(uint32_t failures)
{
	int64_t length = PATH_PAUSE_FIRST;

	for (uint32_t i = 1; i < failures && length < PATH_PAUSE_MOST; i++)
		length *= 2;
	return length < PATH_PAUSE_MOST ? length : PATH_PAUSE_MOST;
}

bool path_failed(struct path_state *state, int64_t now)
{
	if (is_paused(state, now))
		return false;
	if (state->failures < UINT32_MAX)
		state->failures++;
	state->failed = now;
	state->until = now + pause_length(state->failures);
	state->probing = 0;
	return true;
}

static bool is_counted(const struct path_network *network, const unsigned char *id)
{
	for (unsigned char i = 0; i < network->count; i++)
		if (memcmp(network->failed[i], id, PATH_ID_SIZE) == 0)
			return true;
	return false;
}

bool path_network_failed(
	struct path_network *network, const unsigned char id[static PATH_ID_SIZE], int64_t now)
{
	if (network->state.failures > 0)
		return path_failed(&network->state, now);
	/* Failures of other days do not add up. */
	if (now - network->state.failed > PATH_PAUSE_MOST)
		network->count = 0;
	if (is_counted(network, id))
		return false;
	memcpy(network->failed[network->count++], id, PATH_ID_SIZE);
	network->state.failed = now;
	if (network->count == PATH_DIFFERENT)
		return path_failed(&network->state, now);
	return true;
}

int64_t path_expires(const struct path_state *state)
{
	return state->failures > 0 ? state->until + PATH_LIFE : state->failed + PATH_PAUSE_MOST;
}

bool path_rtt_differs(int64_t old_us, int64_t new_us, int64_t least_us)
{
	if (old_us < 0 || new_us < 0)
		return new_us >= 0;
	int64_t old = old_us > least_us ? old_us : least_us;
	int64_t new = new_us > least_us ? new_us : least_us;

	return new > old + old / 4 || new < old - old / 4;
}
