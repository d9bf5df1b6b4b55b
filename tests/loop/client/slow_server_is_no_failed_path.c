/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that takes its time is not remembered as a path that goes silent after the SYN. A plain
 * attempt starts beside the first; when it is not answered sooner, the path is not to blame.
 */

#include "support/client.h"
#include "support/early.h"
#include "support/kernel.h"

/* Longer than the grace time of a quarter of a second by more than half of it. */
#define PAUSE_MS 600

static int count_paths(const struct tlsfo_store_entry *entry, void *userdata)
{
	*(int *)userdata += entry->kind == TLSFO_STORE_PATH || entry->kind == TLSFO_STORE_NETWORK;
	return 0;
}

static void fact(void **state)
{
	static const struct early_turn turn = {.ticket = EARLY_NO_TICKET};
	const struct early_options options = {.family = AF_INET, .turns = &turn, .count = 1};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct peer peer;
	int paths = 0;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	kernel_fetch_cookie(AF_INET);
	early_start(&peer, &options);
	pid_t pid = peer_pause(&peer, PAUSE_MS);
	struct tlsfo_report report = client_request(config, AF_INET, peer.port, "hello\n", 6);

	peer_pause_end(pid);
	/* It looked as if it were so. */
	assert_int_equal(report.reason, TLSFO_REASON_SILENT);
	assert_int_equal(tlsfo_store_list(store, count_paths, &paths), 0);
	assert_int_equal(paths, 0);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fact),
	};

	return suite_run("slow server is no failed path", tests, suite_length(tests));
}
