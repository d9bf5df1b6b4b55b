/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* With TLSFO_TRANSPORT_PLAIN the SYN is bare, even where a cookie is known, and none is asked
 * for. */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void visit_plainly(const struct way *way, struct capture *capture, uint16_t port, size_t nth)
{
	struct visit visit;

	visit_prepare(&visit, way, port);
	visit_attach(&visit, way, TLSFO_TRANSPORT_PLAIN);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, port, nth);
	assert_non_null(syn);
	assert_int_equal(syn->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(syn->len, 0);
	assert_false(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_WANTED);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.attempts[0].mode, TLSFO_MODE_PLAIN);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_plainly(way, capture, peer.port, 0);
	kernel_fetch_cookie(way->family);
	visit_plainly(way, capture, peer.port, 1);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("plain mode shows no fast open", test, WAY_SOCKET);
}
