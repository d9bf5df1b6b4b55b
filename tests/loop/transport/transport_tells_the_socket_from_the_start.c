/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * gnutls_transport_get_int() returns the socket whenever a program can ask: before the handshake,
 * while TCP connects, and ever after. A program that polls it never polls something else.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void assert_told(struct visit *visit)
{
	assert_int_equal(gnutls_transport_get_int(visit->session), visit->fd);
}

static void assert_told_for_both_directions(struct visit *visit)
{
	int receive = -1;
	int send = -1;

	gnutls_transport_get_int2(visit->session, &receive, &send);
	assert_int_equal(receive, visit->fd);
	assert_int_equal(send, visit->fd);
}

static void visit_and_ask(const struct way *way, size_t growth)
{
	struct peer peer;
	struct visit visit;
	int ret;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, growth);
	assert_told(&visit);
	while ((ret = gnutls_handshake(visit.session)) == GNUTLS_E_AGAIN) {
		assert_told(&visit);
		visit_wait(&visit);
	}
	assert_int_equal(ret, 0);
	assert_told_for_both_directions(&visit);
	visit_echo(&visit);
	assert_told_for_both_directions(&visit);
	visit_close(&visit);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct way *way = *state;

	net_filter(NET_DROP_FIRST_SYNACK);
	visit_and_ask(way, 10);
	net_filter_none();
	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	visit_and_ask(way, 6000);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run(
		"the transport tells the socket from the start", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
