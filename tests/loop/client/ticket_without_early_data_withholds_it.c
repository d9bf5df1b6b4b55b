/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket whose server allows no early data (GnuTLS before 3.8.9 would say 4294967295 bytes of it): it
 * resumes the session, nothing is announced, and the data goes as ordinary data.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void test(void **state)
{
	static const struct early_turn turns[] = {{.no_early_data = true}, {0}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.resumed);
	assert_false(seen.announced);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_NOT_ALLOWED);
	assert_int_equal(report.early_data_bytes, 0);
	assert_int_equal(report.resumed, 1);
	/* This server has begun to allow it: the ticket that it gave says so. */
	report = client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	early_hear(&peer);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a ticket that allows none", test, NULL, NULL, NULL},
	};

	return suite_run("a ticket without early data withholds it", tests, suite_length(tests));
}
