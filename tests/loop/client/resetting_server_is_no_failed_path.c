/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that resets every connection is not remembered as a path that does so because of fast
 * open. A plain connection is tried, and only when that one is answered the path is to blame.
 */

#include <errno.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/peer.h"

enum { EVERY_ONE = 1000 };

static int count_paths(const struct tlsfo_store_entry *entry, void *userdata)
{
	*(int *)userdata += entry->kind == TLSFO_STORE_PATH || entry->kind == TLSFO_STORE_NETWORK;
	return 0;
}

/* A visit to a server that resets the first so many connections. Returns how much is remembered of paths. */
static int visit(unsigned int resets, int *ret_code, struct tlsfo_report *ret_report)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	int paths = 0;

	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	kernel_fetch_cookie(AF_INET);
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .resets = resets}, peer_listen);
	*ret_code = client_connect(config, client_loopback(AF_INET), peer.port, &conn);
	*ret_report = client_report(conn);
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_store_list(store, count_paths, &paths), 0);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
	return paths;
}

static void every_connection(void **state)
{
	struct tlsfo_report report;
	int ret = 0;

	(void)state;
	assert_int_equal(visit(EVERY_ONE, &ret, &report), 0);
	assert_true(ret < 0);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.attempts[0].mode, TLSFO_MODE_FAST_OPEN);
	assert_int_equal(report.attempts[0].error, ECONNRESET);
}

static void the_first_alone(void **state)
{
	struct tlsfo_report report;
	int ret = 0;

	(void)state;
	/* The destination, and its network. */
	assert_int_equal(visit(1, &ret, &report), 2);
	assert_int_equal(ret, 0);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_FELL_BACK);
	/* Its SYN was not. */
	assert_int_equal(report.reason, TLSFO_REASON_RESET_LATER);
	assert_int_equal(report.attempt_count, 2);
	assert_int_equal(report.attempts[0].error, ECONNRESET);
	assert_int_equal(report.attempts[1].mode, TLSFO_MODE_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_connection),
		cmocka_unit_test(the_first_alone),
	};

	return suite_run("resetting server is no failed path", tests, suite_length(tests));
}
