/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An IPv4-mapped address on an IPv6 socket is IPv4 on the wire, with its cookies, and the report
 * says what was connected to.
 */

#include <netinet/in.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void visit_mapped(const struct way *way, struct capture *capture, uint16_t port, size_t nth)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr.s6_addr = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1},
	};
	const struct capture_packet *syn;
	struct visit visit;

	visit_prepare(&visit, way, port);
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd,
				 (struct sockaddr *)&address, sizeof(address), way->engine),
		0);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	syn = capture_syn(capture, port, nth);
	struct tlsfo_report report = visit_report(&visit);
	if (nth == 0) {
		assert_int_equal(syn->cookie, 0);
		assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	} else {
		visit_assert_hello(&visit, syn);
		assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	}
	assert_int_equal(kernel_facts(visit.fd).syn_data, nth > 0);
	assert_string_equal(report.address, "::ffff:127.0.0.1");
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	/* The server has IPv4 only. */
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	visit_mapped(way, capture, peer.port, 0);
	visit_mapped(way, capture, peer.port, 1);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("a mapped address rides as IPv4", test, WAY_IPV6);
}
