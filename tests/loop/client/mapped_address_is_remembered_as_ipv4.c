/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An IPv4-mapped address is remembered as IPv4: for that address and the /24 that it was reached
 * from, and not for the one /64 in which all of them are.
 */

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

struct seen {
	unsigned int paths;
	unsigned int networks;
};

static int see(const struct tlsfo_store_entry *entry, void *userdata)
{
	struct seen *seen = userdata;

	if (entry->kind == TLSFO_STORE_PATH) {
		assert_string_equal(entry->address, "127.0.0.1");
		seen->paths++;
	}
	if (entry->kind == TLSFO_STORE_NETWORK) {
		assert_string_equal(entry->address, "127.0.0.0/24");
		seen->networks++;
	}
	return 0;
}

static void visit(
	struct tlsfo_config *config, const char *host, uint16_t port, enum tlsfo_fast_open expected)
{
	struct tlsfo_conn *conn = client_connect_well(config, host, port);

	client_echo(conn);
	assert_int_equal(client_report(conn).fast_open, expected);
	tlsfo_conn_free(conn);
}

static void test(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_store *store = NULL;
	struct seen seen = {0};
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	client_verify_as("localhost");
	visit(config, "::ffff:127.0.0.1", peer.port, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	visit(config, "::ffff:127.0.0.1", peer.port, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	net_filter(NET_DROP_SYN_WITH_DATA);
	visit(config, "[::ffff:127.0.0.1]", peer.port, TLSFO_FAST_OPEN_FELL_BACK);
	net_filter_none();
	assert_int_equal(tlsfo_store_list(store, see, &seen), 0);
	assert_int_equal(seen.paths, 1);
	assert_int_equal(seen.networks, 1);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	net_begin();
	net_need_filter();
	return suite_run("a mapped address is remembered as IPv4", tests, suite_length(tests));
}
