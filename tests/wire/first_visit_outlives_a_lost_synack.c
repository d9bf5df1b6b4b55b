/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The handshake of TCP takes its time, here because the first SYN-ACK is lost: the hello waits for
 * it, on a non-blocking socket the program is told to wait until the socket is writable, and the
 * session comes to be.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* GnuTLS's loop, watched: nothing but waiting to write is right while TCP connects. */
static void begin_and_check(struct visit *visit, const struct way *way)
{
	if (way->blocking)
		return;
	assert_int_equal(gnutls_handshake(visit->session), GNUTLS_E_AGAIN);
	assert_true(kernel_facts(visit->fd).connecting);
	assert_int_equal(gnutls_record_get_direction(visit->session), 1);
	struct tlsfo_report report = visit_report(visit);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_PENDING);
	visit_wait(visit);
	assert_true(kernel_facts(visit->fd).established);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	begin_and_check(&visit, way);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, 0);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len, 0);
	assert_non_null(capture_syn_ack(capture, peer.port, 1));
	visit_assert_hello(
		&visit, capture_to(capture, peer.port, PACKET_PSH | PACKET_SYN, PACKET_PSH, 0));
	assert_false(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.syn_bytes, 0);
	/* The SYN that was answered in the end was the second, a bare one. */
	assert_int_equal(capture_syn(capture, peer.port, 1)->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report.reason, TLSFO_REASON_SYN_RETRANSMITTED);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.error, 0);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a first visit outlives a lost SYN-ACK", test, WAY_ONLY_TLS13);
}
