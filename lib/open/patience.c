/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "open/patience.h"

#include <errno.h>
#include <string.h>

int patience_init(struct patience *patience)
{
	memset(patience, 0, sizeof(*patience));
	if (!forked_init(&patience->forked))
		return ENOMEM;
	int error = pthread_mutex_init(&patience->lock, NULL);
	if (error != 0)
		forked_deinit(&patience->forked);
	return error;
}

/* A thread that stays behind in the parent may have held the lock, and have left what it was writing in
 * pieces: that is forgotten. */
static void become_child(struct patience *patience)
{
	if (pthread_mutex_trylock(&patience->lock) == 0) {
		pthread_mutex_unlock(&patience->lock);
	} else {
		for (size_t i = 0; i < PATIENCE_PEERS; i++)
			patience->peers[i] = (struct patience_peer){0};
		patience->next = 0;
		pthread_mutex_init(&patience->lock, NULL);
	}
	forked_adopt(&patience->forked);
}

static void lock(struct patience *patience)
{
	if (forked_is_child(&patience->forked))
		become_child(patience);
	pthread_mutex_lock(&patience->lock);
}

static void unlock(struct patience *patience)
{
	pthread_mutex_unlock(&patience->lock);
}

void patience_deinit(struct patience *patience)
{
	if (forked_is_child(&patience->forked))
		become_child(patience);
	pthread_mutex_destroy(&patience->lock);
	forked_deinit(&patience->forked);
}

static struct patience_peer *peer_of(struct patience *patience, const struct address *address)
{
	for (size_t i = 0; i < PATIENCE_PEERS; i++) {
		const struct address *known = &patience->peers[i].address;

		if (known->len == address->len &&
			memcmp(&known->sa, &address->sa, address->len) == 0)
			return &patience->peers[i];
	}
	struct patience_peer *peer = &patience->peers[patience->next];
	patience->next = (patience->next + 1) % PATIENCE_PEERS;
	*peer = (struct patience_peer){
		.address = *address, .answered_us = -1, .silent_us = -1, .probe_us = -1};
	return peer;
}

/* The end of what a server that is known to be slow may take. */
static int64_t slow_until(const struct patience_peer *peer, int64_t since_us, int64_t now_us)
{
	if (peer->took_us == 0 || now_us >= peer->taken_us + PATIENCE_KNOWN_US)
		return since_us;
	return since_us + peer->took_us + PATIENCE_GRACE_US;
}

/* Only what happened since the attempt was acknowledged says anything of its path; but of the
 * server what came before does, too. */
static int64_t decide(struct patience_peer *peer, int64_t since_us, int64_t now_us)
{
	if (peer->silent_us >= since_us)
		return now_us;
	int64_t trusted = peer->answered_us + PATIENCE_ANSWERED_US;
	if (peer->answered_us >= since_us && now_us < trusted)
		return trusted;
	int64_t slow = slow_until(peer, since_us, now_us);
	if (now_us < slow)
		return slow;
	if (peer->probe_us >= since_us && now_us < peer->probe_us + PATIENCE_PROBE_US)
		return now_us + PATIENCE_AGAIN_US;
	peer->probe_us = now_us;
	return now_us;
}

int64_t patience_until(
	struct patience *patience, const struct address *address, int64_t since_us, int64_t now_us)
{
	lock(patience);
	int64_t until = decide(peer_of(patience, address), since_us, now_us);
	unlock(patience);
	return until;
}

void patience_took(
	struct patience *patience, const struct address *address, int64_t took_us, int64_t now_us)
{
	int64_t slow_us = took_us < PATIENCE_GRACE_US ? 0 : took_us;

	lock(patience);
	struct patience_peer *peer = peer_of(patience, address);
	peer->took_us = slow_us < PATIENCE_TIME_US ? slow_us : PATIENCE_TIME_US;
	peer->taken_us = now_us;
	unlock(patience);
}

void patience_answered(struct patience *patience, const struct address *address, int64_t now_us)
{
	lock(patience);
	peer_of(patience, address)->answered_us = now_us;
	unlock(patience);
}

void patience_silent(struct patience *patience, const struct address *address, int64_t now_us)
{
	lock(patience);
	peer_of(patience, address)->silent_us = now_us;
	unlock(patience);
}

/*
 * The first answer on a plain connection beside one that was silent: if it took its time, the server is slow, and
 * the other might have been answered as well.
 */
void patience_learn(struct patience *patience, const struct attempt *attempt, bool silent)
{
	int64_t now_us = attempt->answered_us;
	int64_t took_us = now_us - attempt->connected_us;

	if (attempt->connected_us < 0)
		return;
	patience_took(patience, &attempt->address, took_us, now_us);
	if (silent && took_us < PATIENCE_GRACE_US)
		patience_silent(patience, &attempt->address, now_us);
	else if (silent)
		patience_answered(patience, &attempt->address, now_us);
}
