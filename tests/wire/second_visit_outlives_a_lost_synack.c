/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The hello left in the SYN and the first SYN-ACK is lost: on a non-blocking socket the program
 * waits for the answer, while the socket connects, and the session comes to be when the server has
 * repeated its SYN-ACK, which still covers the data.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

static void begin_and_check(struct visit *visit, const struct way *way, struct capture *capture)
{
	if (way->blocking)
		return;
	assert_int_equal(gnutls_handshake(visit->session), GNUTLS_E_AGAIN);
	assert_true(kernel_facts(visit->fd).connecting);
	const struct capture_packet *syn = capture_syn(capture, visit->port, 0);
	struct tlsfo_report report = visit_report(visit);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(report.syn_bytes, syn->len);
	assert_int_equal(report.flight_bytes, syn->len);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_PENDING);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct peer peer;
	struct visit visit;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	begin_and_check(&visit, way, capture);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	visit_assert_hello(&visit, syn);
	assert_true(syn->cookie > 0);
	assert_int_equal(
		capture_syn_ack(capture, peer.port, 0)->ack, syn->seq + 1 + (uint32_t)syn->len);
	assert_non_null(capture_syn_ack(capture, peer.port, 1));
	assert_true(kernel_facts(visit.fd).syn_data);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	if (way->engine == TLSFO_TRANSPORT_SOCKET || !way->blocking)
		assert_int_equal(report.syn_bytes, syn->len);
	else if (report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, syn->len);

	visit_close(&visit);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a second visit outlives a lost SYN-ACK", test, WAY_ONLY_TLS13);
}
