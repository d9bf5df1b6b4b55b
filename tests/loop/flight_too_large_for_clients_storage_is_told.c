/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A flight that does not fit the caller's storage, because of its early data, is told and not sent: no
 * other connection is made in its place.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

static void test(void **state)
{
	static const struct early_turn turns[] = {{0}};
	static struct tlsfo_conn_storage storage;
	static char data[3000];
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char port[8];

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	snprintf(port, sizeof(port), "%u", (unsigned int)peer.port);
	client_request(config, AF_INET, peer.port, "first\n", 6);
	early_hear(&peer);
	memset(data, 'x', sizeof(data));
	assert_int_equal(tlsfo_connect_mem(&storage, TLSFO_CONN_STORAGE_MIN, config, "127.0.0.1",
				 port, data, sizeof(data), TLSFO_FIRST_DATA_REPLAYABLE,
				 tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn),
		TLSFO_E_FLIGHT_TOO_LARGE);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, TLSFO_E_FLIGHT_TOO_LARGE);
	assert_int_equal(report.attempt_count, 0);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {{"too large", test, NULL, NULL, NULL}};

	net_begin();
	return suite_run(
		"a flight too large for a client's storage is told", tests, suite_length(tests));
}
