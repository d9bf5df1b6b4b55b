/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Fast open is switched off for clients on this system: the SYN shows nothing of it, even where a
 * cookie is known, the session comes to be, and the report says why.
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

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	kernel_fetch_cookie(way->family);
	net_set_fastopen(NET_FASTOPEN_ALL & ~(unsigned int)NET_FASTOPEN_CLIENT);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	assert_non_null(syn);
	assert_int_equal(syn->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(syn->len, 0);
	assert_int_equal(capture_count_syns(capture, peer.port), 1);
	assert_false(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_UNAVAILABLE);
	assert_int_equal(report.reason, TLSFO_REASON_DISABLED_HERE);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.attempts[0].mode, TLSFO_MODE_PLAIN);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.error, 0);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("fast open switched off here: plain connect", test, WAY_ALL);
}
