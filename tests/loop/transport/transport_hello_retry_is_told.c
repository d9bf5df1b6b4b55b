/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the transport rung, which cannot connect a second time: a server that asks for another ClientHello
 * while early data is in flight ends the handshake at once, with TLSFO_E_HELLO_RETRIED. Whether the
 * hook is ours, or the program's own that calls ours.
 */

#include "support/early.h"
#include "support/net.h"
#include "support/resume.h"

#define REQUEST	 "how is the weather?\n"
#define ONLY_384 WAY_TLS13 ":-GROUP-ALL:+GROUP-SECP384R1"

static const struct early_turn turns[] = {{0}, {.priority = ONLY_384}};

static unsigned int heard;

static int own_hook(gnutls_session_t session, unsigned int type, unsigned int when,
	unsigned int incoming, const gnutls_datum_t *message)
{
	heard++;
	return tlsfo_transport_hook(session, type, when, incoming, message);
}

static void expect_told(struct visit *visit)
{
	int64_t before = tlsfo_now();

	assert_int_equal(visit_handshake(visit), TLSFO_E_HELLO_RETRIED);
	assert_true(tlsfo_now() - before < 15000);
	struct tlsfo_report report = visit_report(visit);
	assert_int_equal(report.error, TLSFO_E_HELLO_RETRIED);
	assert_string_equal(report.error_text, tlsfo_strerror(TLSFO_E_HELLO_RETRIED));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_UNKNOWN);
	assert_int_equal(report.resumed, TLSFO_UNKNOWN);
	assert_int_equal(report.hello_retried, 1);
	/* And it stays so. */
	assert_true(gnutls_handshake(visit->session) < 0);
}

static void early_data(const struct way *way, uint16_t port, const gnutls_datum_t *ticket, bool own)
{
	struct visit visit;

	resume_open(&visit, way, port, ticket, REQUEST, strlen(REQUEST));
	if (own)
		gnutls_handshake_set_hook_function(
			visit.session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, own_hook);
	expect_told(&visit);
	visit_close(&visit);
}

/* What the header tells a program to do then. */
static void again(const struct way *way, uint16_t port)
{
	struct visit visit;

	visit_open(&visit, way, port);
	gnutls_handshake_set_hook_function(
		visit.session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, tlsfo_transport_hook);
	assert_int_equal(visit_handshake(&visit), 0);
	visit_send(&visit, REQUEST, strlen(REQUEST));
	resume_answer(&visit);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, suite_length(turns)});
	gnutls_datum_t ticket = resume_fetch(way, peer.port);
	early_hear(&peer);
	early_data(way, peer.port, &ticket, false);
	assert_true(early_hear(&peer).announced);
	early_data(way, peer.port, &ticket, true);
	assert_true(early_hear(&peer).announced);
	assert_true(heard > 0);
	again(way, peer.port);
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.retried);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	gnutls_free(ticket.data);
	peer_stop(&peer);
}

int main(void)
{
	return way_run(
		"the transport tells a HelloRetryRequest", test, WAY_SOCKET | WAY_ONLY_TLS13);
}
