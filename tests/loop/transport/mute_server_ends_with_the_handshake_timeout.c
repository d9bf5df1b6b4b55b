/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * gnutls_handshake_set_timeout() ends the handshake with a server that accepts and never answers,
 * as it does with a plain connect.
 */

#include "support/kernel.h"
#include "support/peer.h"
#include "support/visit.h"

#define LIMIT_MS 400
#define STEP_MS	 50

static void check_ends(const struct way *way, uint16_t port)
{
	struct visit visit;

	visit_open(&visit, way, port);
	gnutls_handshake_set_timeout(visit.session, LIMIT_MS);
	int64_t before = tlsfo_now();
	assert_int_equal(visit_handshake_stepping(&visit, STEP_MS), GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	assert_true(kernel_facts(visit.fd).established);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family, .no_tls = true}, peer_mute);
	check_ends(way, peer.port);
	kernel_fetch_cookie(way->family);
	check_ends(way, peer.port);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("a mute server ends with the handshake timeout", test, WAY_ONLY_TLS13);
}
