/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When fast open fails in different ways with the addresses of a host, the report gives the reason
 * of the address that was connected to.
 */

#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static void of_one_that_is_silent(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	client_verify_as("localhost");
	/* Nothing is remembered: the first address stays first. */
	assert_int_equal(tlsfo_config_set_store(config, NULL), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "both.test", peer.port);
	tlsfo_conn_free(conn);
	/* ::1 refuses; of 127.0.0.1 a cookie is known, and the SYN with data is lost. */
	net_filter(NET_DROP_SYN_WITH_DATA);
	conn = client_connect_well(config, "both.test", peer.port);
	struct tlsfo_report report = client_report(conn);
	assert_string_equal(report.attempts[0].address, "::1");
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	assert_int_equal(report.reason, TLSFO_REASON_SYN_RETRANSMITTED);
	tlsfo_conn_free(conn);
	net_filter_none();
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* ::1 refuses a SYN without data; with 127.0.0.1 fast open failed before, and is not tried. */
static void of_one_that_is_remembered(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .resets = 1}, peer_echo);
	client_verify_as("localhost");
	kernel_fetch_cookie(AF_INET);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(client_report(conn).fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	tlsfo_conn_free(conn);
	conn = client_connect_well(config, "both.test", peer.port);
	struct tlsfo_report report = client_report(conn);
	assert_string_equal(report.attempts[0].address, "::1");
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_PATH_REMEMBERED);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_one_that_is_silent),
		cmocka_unit_test(of_one_that_is_remembered),
	};

	net_begin();
	net_need_names();
	net_need_filter();
	return suite_run("the reason is that of the address that won", tests, suite_length(tests));
}
