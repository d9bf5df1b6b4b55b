/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A ticket that was taken for a connection that could not even begin was shown to nobody, and serves
 * the next one. One that may have been seen does not. The report says the same of the early data.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static struct tlsfo_config *make(struct tlsfo_store *store, const char *local)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	if (local != NULL)
		assert_int_equal(tlsfo_config_set_local_address(config, local), 0);
	return config;
}

static void fail_once(struct tlsfo_config *config, uint16_t port)
{
	struct tlsfo_conn *conn = NULL;

	assert_int_equal(client_connect_first(config, "127.0.0.1", port, REQUEST, strlen(REQUEST),
				 TLSFO_FIRST_DATA_REPLAYABLE, &conn),
		TLSFO_E_NOT_CONNECTED);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_int_equal(report.early_data_reason, TLSFO_WITHHELD_NOT);
	assert_int_equal(report.early_data_bytes, 0);
	tlsfo_conn_free(conn);
}

static void never_left(void **state)
{
	/* One ticket, and no other. */
	static const struct early_turn turns[] = {{0}, {.ticket = EARLY_NO_TICKET}};
	struct tlsfo_store *store = NULL;
	struct peer peer;

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	struct tlsfo_config *config = make(store, NULL);
	/* An address that this host does not have (RFC 5737). */
	struct tlsfo_config *stranded = make(store, "192.0.2.77");
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	for (int i = 0; i < 3; i++)
		fail_once(stranded, peer.port);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.resumed);
	assert_int_equal(seen.early, strlen(REQUEST));
	tlsfo_config_free(config);
	tlsfo_config_free(stranded);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

/* The port is closed, and the SYN that was refused carried nothing. */
static void refused(void **state)
{
	static const struct early_turn turn = {0};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	peer_stop(&peer);
	net_set_fastopen(NET_FASTOPEN_SERVER);
	fail_once(config, peer.port);
	tlsfo_config_free(config);
}

/* Lost on its way, it may be in anybody's hands. */
static void left(void **state)
{
	static const struct early_turn turns[] = {
		{0}, {.end = EARLY_CLOSE}, {.ticket = EARLY_NO_TICKET}};
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	assert_true(client_connect(config, "127.0.0.1", peer.port, &conn) < 0);
	tlsfo_conn_free(conn);
	early_hear(&peer);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_false(early_has_ticket(&seen));
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"it never left", never_left, NULL, NULL, NULL},
		{"it was refused before it left", refused, NULL, NULL, NULL},
		{"it left", left, NULL, NULL, NULL},
	};

	return suite_run("a ticket that never left is given back", tests, suite_length(tests));
}
