/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/patience.h"

#include <string.h>

int patience_init(struct patience *patience)
{
	memset(patience, 0, sizeof(*patience));
	return pthread_mutex_init(&patience->lock, NULL);
}

void patience_deinit(struct patience *patience)
{
	pthread_mutex_destroy(&patience->lock);
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
	pthread_mutex_lock(&patience->lock);
	int64_t until = decide(peer_of(patience, address), since_us, now_us);
	pthread_mutex_unlock(&patience->lock);
	return until;
}

void patience_took(
	struct patience *patience, const struct address *address, int64_t took_us, int64_t now_us)
{
	int64_t slow_us = took_us < PATIENCE_GRACE_US ? 0 : took_us;

	pthread_mutex_lock(&patience->lock);
	struct patience_peer *peer = peer_of(patience, address);
	peer->took_us = slow_us < PATIENCE_TIME_US ? slow_us : PATIENCE_TIME_US;
	peer->taken_us = now_us;
	pthread_mutex_unlock(&patience->lock);
}

void patience_answered(struct patience *patience, const struct address *address, int64_t now_us)
{
	pthread_mutex_lock(&patience->lock);
	peer_of(patience, address)->answered_us = now_us;
	pthread_mutex_unlock(&patience->lock);
}

void patience_silent(struct patience *patience, const struct address *address, int64_t now_us)
{
	pthread_mutex_lock(&patience->lock);
	peer_of(patience, address)->silent_us = now_us;
	pthread_mutex_unlock(&patience->lock);
}
