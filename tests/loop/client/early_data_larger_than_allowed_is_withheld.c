/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket says how much early data its server takes: that much is sent early, a byte more is sent as
 * ordinary data, all of it.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define ALLOWED 300

static void check(struct tlsfo_config *config, struct peer *peer, size_t len, bool early)
{
	char data[TLSFO_FIRST_DATA_MAX];

	memset(data, 'x', len);
	data[len - 1] = '\n';
	struct tlsfo_report report = client_request(config, AF_INET, peer->port, data, len);
	struct early_seen seen = early_hear(peer);
	assert_true(seen.resumed);
	assert_int_equal(seen.announced, early);
	assert_int_equal(seen.early, early ? len : 0);
	early_expect_data(&seen, data, len);
	assert_int_equal(
		report.early_data, early ? TLSFO_EARLY_DATA_ACCEPTED : TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(
		report.early_data_reason, early ? TLSFO_WITHHELD_NOT : TLSFO_WITHHELD_TOO_LARGE);
	assert_int_equal(report.early_data_bytes, early ? len : 0);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
}

static void few_allowed(void **state)
{
	static const struct early_turn turns[] = {{.max_early_data = ALLOWED}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, "\n", 1);
	early_hear(&peer);
	check(config, &peer, ALLOWED, true);
	check(config, &peer, ALLOWED + 1, false);
	check(config, &peer, 1, true);
	check(config, &peer, TLSFO_FIRST_DATA_MAX, false);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* As many as a record holds, and more than one. */
static void many_allowed(void **state)
{
	static const struct early_turn turns[] = {{.max_early_data = TLSFO_FIRST_DATA_MAX}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, "\n", 1);
	early_hear(&peer);
	check(config, &peer, 16384, true);
	check(config, &peer, 16385, true);
	check(config, &peer, TLSFO_FIRST_DATA_MAX, true);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"few bytes allowed", few_allowed, NULL, NULL, NULL},
		{"many bytes allowed", many_allowed, NULL, NULL, NULL},
	};

	return suite_run("early data larger than allowed is withheld", tests, suite_length(tests));
}
