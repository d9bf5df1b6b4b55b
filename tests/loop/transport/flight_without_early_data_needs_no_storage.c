/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A flight of any length goes through with the least memory of the caller's, on a blocking socket, too: GnuTLS keeps it
 * while the socket connects.
 */

#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* The handshake's result with @size bytes of memory and a hello grown by @growth. */
static int handshake_with(struct visit *visit, const struct way *way, uint16_t port,
	struct tlsfo_storage *storage, size_t size, size_t growth)
{
	struct sockaddr_storage address;
	socklen_t len = net_loopback(way->family, port, &address);

	visit_prepare(visit, way, port);
	visit_grow_hello(visit, growth);
	assert_int_equal(tlsfo_transport_set_fastopen_mem(visit->session, visit->fd,
				 (struct sockaddr *)&address, len, way->engine, storage, size),
		0);
	return visit_handshake(visit);
}

static void check_goes(const struct way *way, uint16_t port, size_t size, size_t growth)
{
	struct tlsfo_storage storage;
	struct visit visit;

	assert_int_equal(handshake_with(&visit, way, port, &storage, size, growth), 0);
	visit_echo(&visit);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	check_goes(way, peer.port, TLSFO_STORAGE_MIN, 10);
	check_goes(way, peer.port, TLSFO_STORAGE_MIN, 2000);
	check_goes(way, peer.port, sizeof(struct tlsfo_storage), 6000);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("a flight without early data needs no storage", test, WAY_SOCKET);
}
