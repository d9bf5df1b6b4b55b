/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that was seen to be slow, on a connection whose SYN took no data, gets as much time when
 * a SYN's data is acknowledged: no second attempt starts to find out whether the path is silent.
 */

#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"

/* Both longer than the grace time of a quarter of a second; the second by less. */
#define FIRST_MS  700
#define SECOND_MS 500

static struct tlsfo_report slow_visit(
	struct tlsfo_config *config, const struct peer *peer, int pause_ms)
{
	pid_t pause = peer_pause(peer, pause_ms);
	struct tlsfo_report report = client_request(config, AF_INET, peer->port, "hello\n", 6);

	peer_pause_end(pause);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.reason != TLSFO_REASON_SILENT, true);
	return report;
}

static void fact(void **state)
{
	static const struct early_turn turns[] = {
		{.ticket = EARLY_NO_TICKET}, {.ticket = EARLY_NO_TICKET}};
	const struct early_options options = {.family = AF_INET, .turns = turns, .count = 2};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &options);
	struct tlsfo_report report = slow_visit(config, &peer, FIRST_MS);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	report = slow_visit(config, &peer, SECOND_MS);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fact),
	};

	return suite_run("slow server is given its time", tests, suite_length(tests));
}
