/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * GnuTLS's own fast open sends hello and early data apart, and fails on the way: with that engine a
 * ticket is used, but first data goes as ordinary data.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static void test(void **state)
{
	static const struct early_turn turns[] = {{0}};
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	for (int i = 0; i < 4; i++) {
		struct tlsfo_report report =
			client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
		struct early_seen seen = early_hear(&peer);

		assert_int_equal(report.engine, TLSFO_ENGINE_GNUTLS);
		assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
		assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_ENGINE);
		assert_int_equal(report.resumed, i > 0);
		assert_int_equal(seen.resumed, i > 0);
		assert_false(seen.announced);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("GnuTLS's engine withholds early data", test,
		WAY_GNUTLS | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
