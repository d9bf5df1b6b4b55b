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

/* Only what happened since the attempt was acknowledged says anything of its path. */
static int64_t decide(struct patience_peer *peer, int64_t since_us, int64_t now_us)
{
	if (peer->silent_us >= since_us)
		return now_us;
	int64_t trusted = peer->answered_us + PATIENCE_ANSWERED_US;
	if (peer->answered_us >= since_us && now_us < trusted)
		return trusted;
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
