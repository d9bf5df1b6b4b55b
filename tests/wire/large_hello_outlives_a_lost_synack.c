/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The SYN holds part of the hello and the first SYN-ACK is lost: the rest waits for the connection,
 * without being lost, doubled or sent too early.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

#define GROWTH 6000

static void test(void **state)
{
	const struct way *way = *state;
	unsigned char stream[20000];
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, GROWTH);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	/* Each wait of a non-blocking program has something to wait for. */
	assert_true(visit.waits < 20);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	size_t len = capture_stream(capture, net_port(visit.fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);
	assert_true(hello > GROWTH && hello < len);
	visit_assert_hello_bytes(&visit, stream, hello);
	assert_true(syn->len > 300 && syn->len < hello);
	assert_non_null(capture_syn_ack(capture, peer.port, 1));
	assert_true(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.flight_bytes, hello);
	/* GnuTLS's engine does not call back between the SYN and the rest. */
	if (way->engine == TLSFO_TRANSPORT_SOCKET || report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn->len);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a large hello outlives a lost SYN-ACK", test, WAY_ONLY_TLS13);
}
