/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the client rung the session comes to be, verified, when the first SYN-ACK is lost, with and
 * without a cookie.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static void check(const struct way *way, bool cookie)
{
	struct capture *capture;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	if (cookie)
		kernel_fetch_cookie(way->family);
	capture = capture_start();
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	client_echo(conn);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	assert_int_equal(syn->len > 0, cookie);
	assert_non_null(capture_syn_ack(capture, peer.port, 1));
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.syn_bytes, syn->len);
	assert_int_equal(kernel_facts(tlsfo_conn_fd(conn)).syn_data, cookie);
	if (cookie)
		assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.verified, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, false);
	net_fresh();
	check(way, true);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("the client outlives a lost SYN-ACK", test,
		WAY_SOCKET | WAY_NONBLOCKING | WAY_ONLY_TLS13);
}
