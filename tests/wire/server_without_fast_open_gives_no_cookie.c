/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server without fast open: every visit asks for a cookie and gets none, every session comes to
 * be, and the report tells this from a first visit.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	net_set_fastopen(NET_FASTOPEN_CLIENT);
	peer_start(&peer, &(struct peer_options){.family = way->family, .no_fastopen = true},
		peer_echo);
	visit_whole(way, peer.port);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(capture_syn(capture, peer.port, i)->cookie, 0);
		assert_int_equal(capture_syn(capture, peer.port, i)->len, 0);
		assert_int_equal(capture_syn_ack(capture, peer.port, i)->cookie, CAPTURE_NO_OPTION);
	}
	assert_int_equal(capture_count_syns(capture, peer.port), 2);
	assert_int_equal(kernel_facts(visit.fd).fail, KERNEL_FAIL_NO_COOKIE);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_NO_COOKIE_GIVEN);
	assert_int_equal(report.reason, TLSFO_REASON_COOKIE_NOT_GIVEN);
	assert_int_equal(report.syn_bytes, 0);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("a server without fast open gives no cookie", test, WAY_ALL);
}
