/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A flight that does not fit the caller's memory, where a blocking socket keeps it while it
 * connects, fails before anything is sent. One that just fits goes through. A non-blocking socket
 * keeps nothing, because GnuTLS pushes again, and so has no limit.
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

static void check_refused(const struct way *way, uint16_t port, size_t size, size_t growth)
{
	struct capture *capture = capture_start();
	struct tlsfo_storage storage;
	struct visit visit;

	assert_int_equal(
		handshake_with(&visit, way, port, &storage, size, growth), GNUTLS_E_PUSH_ERROR);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.error, TLSFO_E_FLIGHT_TOO_LARGE);
	assert_int_equal(report.system_error, 0);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_STARTED);
	assert_null(capture_to(capture, port, 0, 0, 0));
	visit_close(&visit);
	capture_stop(capture);
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
	/* As the header promises: 512 bytes in the least, 4096 in struct tlsfo_storage. */
	check_goes(way, peer.port, TLSFO_STORAGE_MIN, 10);
	check_goes(way, peer.port, sizeof(struct tlsfo_storage), 3600);
	if (way->blocking) {
		check_refused(way, peer.port, TLSFO_STORAGE_MIN, 2000);
		check_refused(way, peer.port, sizeof(struct tlsfo_storage), 6000);
	} else {
		check_goes(way, peer.port, TLSFO_STORAGE_MIN, 2000);
		check_goes(way, peer.port, sizeof(struct tlsfo_storage), 6000);
	}
	peer_stop(&peer);
}

int main(void)
{
	return way_run("a flight too large for its storage sends nothing", test, WAY_SOCKET);
}
