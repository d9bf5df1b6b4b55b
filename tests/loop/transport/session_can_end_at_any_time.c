/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * gnutls_deinit() takes the transport with it, whenever it comes: before the handshake, while TCP
 * connects, after a failure, and with the socket closed before, against the rules. What leaks or is
 * used after its end is seen by valgrind and AddressSanitizer.
 */

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void end(struct visit *visit)
{
	gnutls_deinit(visit->session);
	gnutls_certificate_free_credentials(visit->credentials);
}

static void test(void **state)
{
	const struct way *way = *state;
	const struct timeval limit = {.tv_usec = 50000};
	struct peer peer;
	struct visit visit;

	/* Unused. */
	visit_open(&visit, way, 443);
	visit_close(&visit);
	/* Refused. */
	visit_open(&visit, way, net_unused_port(way->family));
	assert_true(visit_handshake(&visit) < 0);
	visit_close(&visit);
	/* Between the handshake's messages. */
	peer_start(&peer, &(struct peer_options){.family = way->family, .no_tls = true}, peer_mute);
	visit_open(&visit, way, peer.port);
	gnutls_handshake_set_timeout(visit.session, 50);
	assert_true(gnutls_handshake(visit.session) < 0);
	visit_close(&visit);
	/* The socket closed first. */
	visit_open(&visit, way, peer.port);
	gnutls_handshake_set_timeout(visit.session, 50);
	assert_true(gnutls_handshake(visit.session) < 0);
	close(visit.fd);
	visit_report(&visit);
	end(&visit);
	/* While TCP connects, with part of the hello still to be sent. */
	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	if (way->blocking && way->engine == TLSFO_TRANSPORT_GNUTLS) {
		peer_stop(&peer);
		return;
	}
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, 6000);
	assert_int_equal(setsockopt(visit.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	assert_true(gnutls_handshake(visit.session) < 0);
	assert_true(kernel_facts(visit.fd).connecting);
	visit_close(&visit);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a session can end at any time", test, WAY_ONLY_TLS13);
}
