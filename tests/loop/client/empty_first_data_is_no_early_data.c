/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* First data of no bytes is none: nothing is announced, and the report says that none was given. */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void test(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	for (int i = 0; i < 2; i++) {
		const char *data = i == 0 ? "" : NULL;

		assert_int_equal(client_connect_first(config, "127.0.0.1", peer.port, data, 0,
					 TLSFO_FIRST_DATA_REPLAYABLE, &conn),
			0);
		client_send(conn, REQUEST, strlen(REQUEST));
		struct tlsfo_report report = client_report(conn);
		client_close(conn);
		struct early_seen seen = early_hear(&peer);
		assert_true(seen.resumed);
		assert_false(seen.announced);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
		assert_int_equal(report.early_data, TLSFO_EARLY_DATA_NONE);
		assert_int_equal(report.early_data_bytes, 0);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"no bytes", test, NULL, NULL, NULL},
	};

	return suite_run("empty first data is no early data", tests, suite_length(tests));
}
