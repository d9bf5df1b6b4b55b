/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * While an attempt whose data was acknowledged waits for the server's first byte, the report does
 * not call it the winner. It may still lose; the report tells of it what there is to tell.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/peer.h"

static void fact(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	(void)state;
	kernel_fetch_cookie(AF_INET);
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .no_tls = true}, peer_mute);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	assert_int_equal(client_begin(config, "127.0.0.1", service, NULL, 0, 0,
				 tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn),
		0);
	/* On loopback the SYN-ACK is there before the call returns. */
	assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_AGAIN);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.attempt_count, 1);
	assert_true(report.attempts[0].connected_us >= 0);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_PENDING);
	assert_int_equal(report.connected, 1);
	assert_string_equal(report.address, "127.0.0.1");
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.flight_in_syn, 1);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fact),
	};

	return suite_run("an open race has no winner", tests, suite_length(tests));
}
