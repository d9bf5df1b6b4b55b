/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the transport rung the program decides: early data that the server rejected is told by GnuTLS and by
 * the report, and the program sends it again, once; a connection that is lost with it in flight ends
 * the handshake with one of the documented codes. With callbacks of the program's own it is the same.
 * Early data of which nothing left is none that the server may have seen.
 */

#include <errno.h>

#include "support/early.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST "how is the weather?\n"

static gnutls_datum_t begin(
	const struct way *way, struct peer *peer, const struct early_turn *second)
{
	const struct early_turn turns[] = {{0}, *second};

	early_start(peer, &(struct early_options){way->family, NULL, turns, suite_length(turns)});
	gnutls_datum_t ticket = resume_fetch(way, peer->port);
	early_hear(peer);
	return ticket;
}

static void finish(struct visit *visit, struct peer *peer, gnutls_datum_t *ticket, bool accepted)
{
	struct tlsfo_report report = visit_report(visit);

	assert_int_equal(resume_accepted(visit), accepted);
	assert_int_equal(report.early_data,
		accepted ? TLSFO_EARLY_DATA_ACCEPTED : TLSFO_EARLY_DATA_REJECTED);
	if (!accepted)
		visit_send(visit, REQUEST, strlen(REQUEST));
	resume_answer(visit);
	assert_int_equal(gnutls_bye(visit->session, GNUTLS_SHUT_WR), 0);
	visit_close(visit);
	struct early_seen seen = early_hear(peer);
	assert_true(seen.announced);
	assert_int_equal(seen.early, accepted ? strlen(REQUEST) : 0);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	gnutls_free(ticket->data);
	peer_stop(peer);
}

static void rejected(const struct way *way, const struct early_turn *second)
{
	struct peer peer;
	struct visit visit;
	gnutls_datum_t ticket = begin(way, &peer, second);

	resume_open(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	assert_int_equal(visit_handshake(&visit), 0);
	finish(&visit, &peer, &ticket, false);
}

static void lost(const struct way *way, const struct early_turn *second)
{
	struct peer peer;
	struct visit visit;
	gnutls_datum_t ticket = begin(way, &peer, second);

	resume_open(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	int ret = visit_handshake(&visit);
	assert_true(ret == GNUTLS_E_PUSH_ERROR || ret == GNUTLS_E_PULL_ERROR ||
		    ret == GNUTLS_E_PREMATURE_TERMINATION);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_UNKNOWN);
	if (ret != GNUTLS_E_PREMATURE_TERMINATION)
		assert_true(report.system_error == ECONNRESET || report.system_error == EPIPE);
	visit_close(&visit);
	gnutls_free(ticket.data);
	peer_stop(&peer);
}

/* The port is closed, and the SYN that was refused carried nothing. */
static void never_left(const struct way *way)
{
	struct peer peer;
	struct visit visit;
	gnutls_datum_t ticket = begin(way, &peer, &(struct early_turn){0});

	peer_stop(&peer);
	net_set_fastopen(NET_FASTOPEN_SERVER);
	resume_open(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	assert_true(visit_handshake(&visit) < 0);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.system_error, ECONNREFUSED);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_bytes, 0);
	visit_close(&visit);
	gnutls_free(ticket.data);
}

static ssize_t own_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	return tlsfo_transport_vec_push(*(struct tlsfo_transport **)ptr, iov, iovcnt);
}

static ssize_t own_pull(gnutls_transport_ptr_t ptr, void *buf, size_t len)
{
	return tlsfo_transport_pull(*(struct tlsfo_transport **)ptr, buf, len);
}

static int own_pull_timeout(gnutls_transport_ptr_t ptr, unsigned int ms)
{
	return tlsfo_transport_pull_timeout(*(struct tlsfo_transport **)ptr, ms);
}

static void own_callbacks(const struct way *way, const struct early_turn *second, bool accepted)
{
	struct tlsfo_transport *transport;
	struct peer peer;
	struct visit visit;
	gnutls_datum_t ticket = begin(way, &peer, second);

	resume_prepare(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	gnutls_transport_set_ptr(visit.session, &transport);
	gnutls_transport_set_vec_push_function(visit.session, own_push);
	gnutls_transport_set_pull_function(visit.session, own_pull);
	gnutls_transport_set_pull_timeout_function(visit.session, own_pull_timeout);
	visit_attach(&visit, way, TLSFO_TRANSPORT_OWN_CALLBACKS);
	transport = tlsfo_transport_get(visit.session);
	assert_int_equal(visit_handshake(&visit), 0);
	assert_ptr_equal(gnutls_transport_get_ptr(visit.session), &transport);
	finish(&visit, &peer, &ticket, accepted);
}

static void test(void **state)
{
	const struct way *way = *state;

	rejected(way, &(struct early_turn){.replayed = true});
	rejected(way, &(struct early_turn){.other_key = true});
	own_callbacks(way, &(struct early_turn){0}, true);
	own_callbacks(way, &(struct early_turn){.replayed = true}, false);
	lost(way, &(struct early_turn){.end = EARLY_RESET});
	lost(way, &(struct early_turn){.end = EARLY_CLOSE});
	lost(way, &(struct early_turn){.end = EARLY_CUT, .cut = 100});
	lost(way, &(struct early_turn){.end = EARLY_CUT_RESET, .cut = 100});
	never_left(way);
}

int main(void)
{
	return way_run(
		"the transport tells what became of early data", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
