/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When the first of a host's two addresses refuses, the same flight, with its ticket and its early
 * data, goes to the second, and the server sees it once.
 */

#include <errno.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void test(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	client_verify_as("localhost");
	/* In a store with the memory of paths, the address that answered is tried first the next time. */
	assert_int_equal(tlsfo_config_set_fast_open(config, TLSFO_USE_FAST_OPEN_NEVER), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	for (int i = 0; i < 3; i++) {
		char answer[sizeof(EARLY_ANSWER)] = "";
		struct tlsfo_conn *conn = NULL;
		int ret = client_connect_first(config, "both.test", peer.port, REQUEST,
			strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, &conn);

		if (ret != 0)
			fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
		client_receive(conn, answer, sizeof(answer) - 1);
		struct tlsfo_report report = client_report(conn);
		client_close(conn);
		assert_int_equal(report.attempt_count, 2);
		assert_int_equal(report.attempts[0].error, ECONNREFUSED);
		assert_int_equal(report.attempts[1].result, TLSFO_ATTEMPT_WON);
		assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
		struct early_seen seen = early_hear(&peer);
		assert_int_equal(seen.early, i > 0 ? strlen(REQUEST) : 0);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"the first address refuses", test, NULL, NULL, NULL},
	};

	net_begin();
	net_need_names();
	return suite_run("early data goes to the next address", tests, suite_length(tests));
}
