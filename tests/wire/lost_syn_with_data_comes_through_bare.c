/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that loses SYNs with data: the kernel sends a bare SYN after its timer, the hello follows
 * the handshake, and the report tells that fast open cost time here.
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

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN_WITH_DATA);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	visit_assert_hello(&visit, syn);
	assert_int_equal(capture_syn(capture, peer.port, 1)->len, 0);
	assert_int_equal(capture_syn_ack(capture, peer.port, 0)->ack, syn->seq + 1);
	visit_assert_hello(
		&visit, capture_to(capture, peer.port, PACKET_PSH | PACKET_SYN, PACKET_PSH, 0));
	struct kernel_facts kernel = kernel_facts(visit.fd);
	assert_false(kernel.syn_data);
	assert_int_equal(kernel.fail, KERNEL_FAIL_SYN_RETRANSMITTED);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report.reason, TLSFO_REASON_SYN_RETRANSMITTED);
	if (way->engine == TLSFO_TRANSPORT_SOCKET || !way->blocking)
		assert_int_equal(report.syn_bytes, syn->len);
	else if (report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn->len);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a lost SYN with data comes through bare", test, WAY_ONLY_TLS13);
}
