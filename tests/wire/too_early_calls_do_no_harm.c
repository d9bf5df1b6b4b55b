/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that calls gnutls_handshake() again and again while TCP connects is told to wait each
 * time, nothing is sent twice, and the session comes to be.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

#define CALLS 200

static void call_too_early(struct visit *visit)
{
	for (unsigned int i = 0; i < CALLS; i++)
		assert_int_equal(gnutls_handshake(visit->session), GNUTLS_E_AGAIN);
	/* All of them were too early. */
	assert_true(kernel_facts(visit->fd).connecting);
}

/* The server sees the hello once, whether it came in the SYN or behind it. What TCP itself sends
 * again has the same place in the stream. */
static void check_hello_once(struct visit *visit, struct capture *capture)
{
	unsigned char stream[4096];
	size_t len = capture_stream(capture, net_port(visit->fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);

	assert_true(hello < len);
	visit_assert_hello_bytes(visit, stream, hello);
	/* Change cipher spec (TLS 1.3 in disguise, RFC 8446 D.4), not the hello again. */
	assert_int_equal(stream[hello], 20);
}

static void visit_hastily(const struct way *way, struct capture *capture)
{
	struct peer peer;
	struct visit visit;

	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	call_too_early(&visit);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	check_hello_once(&visit, capture);
	visit_close(&visit);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();

	visit_hastily(way, capture);
	net_filter_none();
	kernel_fetch_cookie(way->family);
	visit_hastily(way, capture);
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("too early calls do no harm", test, WAY_NONBLOCKING | WAY_ONLY_TLS13);
}
