/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Signals arrive while a handshake waits for a late SYN-ACK: gnutls_handshake() is called again, as
 * GnuTLS wants it after GNUTLS_E_INTERRUPTED, and the session comes to be with its hello sent once.
 *
 * Only with the socket engine: on a blocking socket GnuTLS's waits inside the system call, and
 * Linux forgets what the SYN took when a signal ends it.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/storm.h"
#include "support/visit.h"

static void check(const struct way *way, bool cookie, bool restart, size_t growth)
{
	unsigned char stream[8192];
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	capture_stop(capture);
	capture = capture_start();
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, growth);
	storm_begin(restart);
	int ret = visit_handshake(&visit);
	storm_end();
	assert_int_equal(ret, GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	size_t len = capture_stream(capture, net_port(visit.fd), stream, sizeof(stream));
	size_t hello = 5 + (size_t)(stream[3] << 8 | stream[4]);
	assert_true(hello < len);
	visit_assert_hello_bytes(&visit, stream, hello);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len > 0, cookie);
	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, false, false, 10);
	net_fresh();
	check(way, true, false, 5000);
	net_fresh();
	check(way, true, true, 10);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run(
		"a handshake outlives signals", test, WAY_SOCKET | WAY_ONLY_TLS13 | WAY_IPV4);
}
