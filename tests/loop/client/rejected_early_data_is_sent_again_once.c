/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that resumes a session and takes early data for a replay, or has none of it: the same bytes
 * follow as ordinary data, the connection carries them exactly once, and the report says so.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void check(const struct early_turn *second, bool resumes)
{
	const struct early_turn turns[] = {{0}, *second, {.other_key = second->other_key}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	struct early_seen seen = early_hear(&peer);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));

	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	seen = early_hear(&peer);
	assert_true(seen.announced);
	assert_false(seen.accepted);
	assert_int_equal(seen.early, 0);
	assert_int_equal(seen.resumed, resumes);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_REJECTED);
	assert_int_equal(report.early_data_bytes, strlen(REQUEST));
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.resumed, resumes);

	/* The ticket that it brought is as good as any. */
	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	seen = early_hear(&peer);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(seen.early, strlen(REQUEST));
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void replayed(void **state)
{
	(void)state;
	check(&(struct early_turn){.replayed = true}, true);
}

static void key_changed(void **state)
{
	(void)state;
	check(&(struct early_turn){.other_key = true}, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"taken for a replay", replayed, NULL, NULL, NULL},
		{"the ticket cannot be read", key_changed, NULL, NULL, NULL},
	};

	return suite_run("rejected early data is sent again once", tests, suite_length(tests));
}
