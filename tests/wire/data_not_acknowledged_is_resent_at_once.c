/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A cookie is known, but the server has given up fast open since: its SYN-ACK covers the SYN and
 * not the hello, which then goes out again behind the handshake. No SYN is lost, no timer runs.
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
	net_set_fastopen(NET_FASTOPEN_CLIENT);
	peer_start(&peer, &(struct peer_options){.family = way->family, .no_fastopen = true},
		peer_echo);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	visit_assert_hello(&visit, syn);
	assert_int_equal(capture_syn_ack(capture, peer.port, 0)->ack, syn->seq + 1);
	assert_int_equal(capture_count_syns(capture, peer.port), 1);
	const struct capture_packet *again =
		capture_to(capture, peer.port, PACKET_PSH | PACKET_SYN, PACKET_PSH, 0);
	visit_assert_hello(&visit, again);
	struct kernel_facts kernel = kernel_facts(visit.fd);
	assert_false(kernel.syn_data);
	assert_int_equal(kernel.fail, KERNEL_FAIL_DATA_NOT_ACKED);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED);
	assert_int_equal(report.reason, TLSFO_REASON_DATA_NOT_ACKNOWLEDGED);
	/* Loopback is faster than GnuTLS's engine can be watched: the figure may be unknown, never
	 * wrong. */
	if (way->engine == TLSFO_TRANSPORT_SOCKET || report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn->len);
	assert_int_equal(report.flight_bytes, syn->len);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("data that is not acknowledged is sent again at once", test, WAY_ALL);
}
