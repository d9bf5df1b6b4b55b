/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * In memory of the caller's a flight is held whole until it is delivered: hello and early data that do
 * not fit end the handshake before anything was sent, and the report says why. What fits, is sent.
 */

#include "support/capture.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define LARGE 8000
#define SMALL 1000

static const struct early_turn turns[] = {{0}};

static void prepare(struct visit *visit, const struct way *way, uint16_t port,
	const gnutls_datum_t *ticket, size_t len, struct tlsfo_storage *storage)
{
	struct sockaddr_storage address;
	socklen_t address_len = net_loopback(way->family, port, &address);
	char data[LARGE];

	memset(data, 'x', len);
	data[len - 1] = '\n';
	resume_prepare(visit, way, port, ticket, data, len);
	assert_int_equal(tlsfo_transport_set_fastopen_mem(visit->session, visit->fd,
				 (struct sockaddr *)&address, address_len, way->engine, storage,
				 sizeof(*storage)),
		0);
}

static void too_large(const struct way *way, uint16_t port, const gnutls_datum_t *ticket)
{
	struct tlsfo_storage storage;
	struct capture *capture = capture_start();
	struct visit visit;

	prepare(&visit, way, port, ticket, LARGE, &storage);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_PUSH_ERROR);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.error, TLSFO_E_FLIGHT_TOO_LARGE);
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.first_sent_us, TLSFO_UNKNOWN);
	assert_int_equal(report.attempt_count, 0);
	/* It cannot be talked into sending a part of it. */
	assert_true(gnutls_handshake(visit.session) < 0);
	visit_close(&visit);
	assert_int_equal(capture_count_syns(capture, port), 0);
	capture_stop(capture);
}

static void small(const struct way *way, uint16_t port, const gnutls_datum_t *ticket)
{
	struct tlsfo_storage storage;
	struct visit visit;

	prepare(&visit, way, port, ticket, SMALL, &storage);
	assert_int_equal(visit_handshake(&visit), 0);
	assert_true(resume_accepted(&visit));
	resume_answer(&visit);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	too_large(way, peer.port, &ticket);
	small(way, peer.port, &ticket);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, SMALL);
	assert_int_equal(seen.total, SMALL);
	gnutls_free(ticket.data);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("early data too large for the storage sends nothing", test,
		WAY_SOCKET | WAY_ONLY_TLS13);
}
