/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Before its handshake a session can be given another socket, address, engine or memory, any number
 * of times; the last counts, and nothing was sent for the others.
 */

#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void set(struct visit *visit, int fd, uint16_t port, const struct way *way, void *mem,
	unsigned int flags)
{
	struct sockaddr_storage address;
	struct sockaddr *sa = (struct sockaddr *)&address;
	socklen_t len = net_loopback(way->family, port, &address);

	if (mem == NULL)
		assert_int_equal(
			tlsfo_transport_set_fastopen(visit->session, fd, sa, len, flags), 0);
	else
		assert_int_equal(tlsfo_transport_set_fastopen_mem(visit->session, fd, sa, len,
					 flags, mem, sizeof(struct tlsfo_storage)),
			0);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct tlsfo_storage one;
	struct tlsfo_storage two;
	struct peer peer;
	struct visit visit;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_prepare(&visit, way, peer.port);
	int other = net_socket(way->family, !way->blocking);
	uint16_t wrong = net_unused_port(way->family);
	set(&visit, other, wrong, way, NULL, 0);
	set(&visit, other, wrong, way, &one, TLSFO_TRANSPORT_GNUTLS);
	set(&visit, visit.fd, wrong, way, &one, TLSFO_TRANSPORT_PLAIN);
	set(&visit, visit.fd, wrong, way, &two, TLSFO_TRANSPORT_GNUTLS);
	set(&visit, other, wrong, way, NULL, TLSFO_TRANSPORT_SOCKET);
	set(&visit, visit.fd, peer.port, way, NULL, way->engine);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);
	assert_int_equal(capture_count_syns(capture, wrong), 0);
	assert_int_equal(capture_count_syns(capture, peer.port), 1);
	assert_int_equal(visit_report(&visit).port, peer.port);
	assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, 0);
	visit_close(&visit);
	close(other);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run("a transport can be set again", test, WAY_ONLY_TLS13);
}
