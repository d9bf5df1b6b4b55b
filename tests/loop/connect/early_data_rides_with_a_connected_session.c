/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Early data of a session that is connected rides in the SYN with the ClientHello, and the server takes it. Where a
 * server asks for another ClientHello, the handshake ends with TLSFO_E_HELLO_RETRIED, and a new session
 * carries the data.
 */

#include "support/capture.h"
#include "support/early.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/resume.h"

#define PATIENCE_MS 30000

#define REQUEST	 "how is the weather?\n"
#define ONLY_384 WAY_TLS13 ":-GROUP-ALL:+GROUP-SECP384R1"

static const struct early_turn turns[] = {{0}, {0}, {.priority = ONLY_384}, {0}};

static void connect_with(struct visit *visit, const struct way *way)
{
	visit_offer(visit, way->family == AF_INET ? "127.0.0.1" : "::1",
		tlsfo_deadline_in(PATIENCE_MS));
	assert_int_equal(visit_connect(visit, way), 0);
	/* The flight is delivered, so GnuTLS's own loop is right. */
	visit->asks_for_events = false;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;
	struct visit visit;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, suite_length(turns)});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	struct capture *capture = capture_start();

	resume_prepare(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	connect_with(&visit, way);
	assert_int_equal(visit_handshake(&visit), 0);
	assert_true(resume_accepted(&visit));
	resume_answer(&visit);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(report.flight_in_syn, 1);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len, report.flight_bytes);
	visit_close(&visit);
	struct early_seen seen = early_hear(&peer);
	assert_int_equal(seen.early, strlen(REQUEST));
	early_expect_data(&seen, REQUEST, strlen(REQUEST));

	resume_prepare(&visit, way, peer.port, &ticket, REQUEST, strlen(REQUEST));
	connect_with(&visit, way);
	assert_int_equal(visit_handshake(&visit), TLSFO_E_HELLO_RETRIED);
	report = visit_report(&visit);
	assert_int_equal(report.error, TLSFO_E_HELLO_RETRIED);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_UNKNOWN);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	visit_close(&visit);
	assert_true(early_hear(&peer).announced);

	visit_prepare(&visit, way, peer.port);
	connect_with(&visit, way);
	assert_int_equal(visit_handshake(&visit), 0);
	visit_send(&visit, REQUEST, strlen(REQUEST));
	resume_answer(&visit);
	visit_close(&visit);
	seen = early_hear(&peer);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	gnutls_free(ticket.data);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return way_run(
		"early data rides with a connected session", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
