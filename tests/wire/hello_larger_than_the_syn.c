/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ClientHello that the SYN cannot hold, because the MTU is small or the hello is large: as much
 * as there is room for rides in the SYN, the rest follows, the server sees it whole, and the report
 * says how much rode.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void visit_with_hello(const struct way *way, int mtu, size_t growth)
{
	unsigned char stream[20000];
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	net_set_mtu(mtu);
	kernel_fetch_cookie(way->family);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, growth);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	size_t len = capture_stream(capture, net_port(visit.fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);
	assert_true(hello > growth && hello < len);
	visit_assert_hello_bytes(&visit, stream, hello);
	assert_true(syn->len > 300);
	assert_true(syn->len < hello);
	assert_true(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.flight_bytes, hello);
	if (way->engine == TLSFO_TRANSPORT_SOCKET || report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn->len);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;
	/* The least that IPv6 allows; below it there is none (RFC 8200 §5). */
	int small = way->family == AF_INET ? 576 : 1280;

	visit_with_hello(way, small, 1000);
	net_fresh();
	visit_with_hello(way, 1500, 2000);
	net_fresh();
	visit_with_hello(way, 1500, 6000);
	net_fresh();
	visit_with_hello(way, small, 12000);
}

int main(void)
{
	return way_run("a hello larger than the SYN", test, WAY_ALL);
}
