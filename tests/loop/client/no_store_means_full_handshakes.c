/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Without a store no ticket is kept, and every handshake is a full one. */

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
	assert_int_equal(tlsfo_config_set_store(config, NULL), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	for (int i = 0; i < 3; i++) {
		struct tlsfo_report report =
			client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
		struct early_seen seen = early_hear(&peer);

		assert_false(early_has_ticket(&seen));
		assert_false(seen.resumed);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
		assert_int_equal(report.resumed, 0);
		assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
		assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_NO_TICKET);
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* By default there is one, which is the configuration's own. */
static void default_store(void **state)
{
	static const struct early_turn turns[] = {{0}};
	struct tlsfo_config *one = client_config_default();
	struct tlsfo_config *other = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(one, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	client_request(other, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_false(early_hear(&peer).resumed);
	client_request(one, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_true(early_hear(&peer).resumed);
	tlsfo_config_free(one);
	tlsfo_config_free(other);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"no store", test, NULL, NULL, NULL},
		{"the default", default_store, NULL, NULL, NULL},
	};

	return suite_run("no store means full handshakes", tests, suite_length(tests));
}
