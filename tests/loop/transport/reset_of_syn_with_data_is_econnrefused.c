/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A middlebox answers a SYN with data by RST, though the server would take a bare one: this rung
 * cannot connect again and says ECONNREFUSED. A new session with TLSFO_TRANSPORT_PLAIN gets
 * through.
 */

#include <errno.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void test(void **state)
{
	struct way way = *(const struct way *)*state;
	struct peer peer;
	struct visit visit;

	kernel_fetch_cookie(way.family);
	net_filter(NET_RESET_SYN_WITH_DATA);
	peer_start(&peer, &(struct peer_options){.family = way.family}, peer_echo);
	visit_open(&visit, &way, peer.port);
	int ret = visit_handshake(&visit);
	assert_true(ret == GNUTLS_E_PUSH_ERROR || ret == GNUTLS_E_PULL_ERROR);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.system_error, ECONNREFUSED);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	visit_close(&visit);

	way.engine = TLSFO_TRANSPORT_SOCKET;
	visit_prepare(&visit, &way, peer.port);
	visit_attach(&visit, &way, TLSFO_TRANSPORT_PLAIN);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	visit_close(&visit);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a reset of a SYN with data is ECONNREFUSED", test, WAY_ONLY_TLS13);
}
