/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data that is for one application protocol is sent on no other: when the server chooses another or none the
 * connection is open, opening says that the data was not sent, and nothing of it leaves.
 */

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "PRI * HTTP/2.0\n"
#define OTHER	"GET / HTTP/1.1\n"

static const char *const protocols[] = {"h2", "http/1.1"};

static struct tlsfo_conn *open_with(struct tlsfo_config *config, struct peer *peer,
	const char *protocol, int wanted, enum tlsfo_early_data early_data)
{
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", (unsigned int)peer->port);
	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", service, &conn), 0);
	assert_int_equal(tlsfo_conn_set_first_data(conn, REQUEST, strlen(REQUEST),
				 TLSFO_FIRST_DATA_REPLAYABLE, protocol),
		0);
	int ret = tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
	if (ret < 0)
		fail_msg("%s", tlsfo_conn_error(conn));
	assert_int_equal(ret, wanted);
	assert_int_equal(tlsfo_conn_advance(conn), wanted);
	assert_int_equal(client_report(conn).early_data, early_data);
	return conn;
}

static void finish(struct tlsfo_conn *conn, struct peer *peer, const char *carried)
{
	char answer[sizeof(EARLY_ANSWER)] = "";

	client_receive(conn, answer, sizeof(answer) - 1);
	client_close(conn);
	struct early_seen seen = early_hear(peer);
	early_expect_data(&seen, carried, strlen(carried));
}

static struct tlsfo_config *make(struct tlsfo_store **ret_store)
{
	struct tlsfo_config *config = client_config_default();

	assert_int_equal(tlsfo_store_new(ret_store), 0);
	assert_int_equal(tlsfo_config_set_store(config, *ret_store), 0);
	assert_int_equal(tlsfo_config_set_alpn(config, protocols, 2), 0);
	return config;
}

/* It is sent where it belongs, early at the second visit. */
static void its_own(void **state)
{
	static const struct early_turn turns[] = {{.alpn = "h2"}};
	struct tlsfo_store *store;
	struct tlsfo_config *config = make(&store);
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 1});
	finish(open_with(config, &peer, "h2", 0, TLSFO_EARLY_DATA_WITHHELD), &peer, REQUEST);
	finish(open_with(config, &peer, "h2", 0, TLSFO_EARLY_DATA_ACCEPTED), &peer, REQUEST);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void check_another(const struct early_turn *turn)
{
	struct tlsfo_store *store;
	struct tlsfo_config *config = make(&store);
	struct peer peer;

	early_start(&peer, &(struct early_options){AF_INET, NULL, turn, 1});
	/* The second visit has a ticket, which is for the other protocol. */
	for (size_t i = 0; i < 2; i++) {
		struct tlsfo_conn *conn = open_with(
			config, &peer, "h2", TLSFO_FIRST_DATA_UNSENT, TLSFO_EARLY_DATA_UNSENT);

		assert_int_equal(client_report(conn).early_data_bytes, 0);
		client_send(conn, OTHER, strlen(OTHER));
		finish(conn, &peer, OTHER);
	}
	/* Data for any protocol is. */
	struct tlsfo_conn *conn = open_with(config, &peer, NULL, 0, TLSFO_EARLY_DATA_ACCEPTED);
	finish(conn, &peer, REQUEST);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

static void another(void **state)
{
	(void)state;
	check_another(&(const struct early_turn){.alpn = "http/1.1"});
}

static void none(void **state)
{
	(void)state;
	check_another(&(const struct early_turn){0});
}

/* The server has changed its mind since the ticket: what came early is rejected, and not sent again. */
static void changed(void **state)
{
	static const struct early_turn turns[] = {
		{.alpn = "h2"}, {.alpn = "http/1.1", .no_early_data = true}};
	struct tlsfo_store *store;
	struct tlsfo_config *config = make(&store);
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, 2});
	finish(open_with(config, &peer, "h2", 0, TLSFO_EARLY_DATA_WITHHELD), &peer, REQUEST);
	struct tlsfo_conn *conn =
		open_with(config, &peer, "h2", TLSFO_FIRST_DATA_UNSENT, TLSFO_EARLY_DATA_UNSENT);
	assert_int_equal(client_report(conn).early_data_bytes, strlen(REQUEST));
	client_send(conn, OTHER, strlen(OTHER));
	finish(conn, &peer, OTHER);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

/* Data that was taken back leaves nothing of itself. */
static void taken_back(void **state)
{
	static const struct early_turn turn = {.alpn = "http/1.1"};
	struct tlsfo_store *store;
	struct tlsfo_config *config = make(&store);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, &turn, 1});
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	assert_int_equal(tlsfo_conn_new(config, "127.0.0.1", service, &conn), 0);
	assert_int_equal(tlsfo_conn_set_first_data(
				 conn, REQUEST, strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, "h2"),
		0);
	assert_int_equal(tlsfo_conn_set_first_data(conn, NULL, 0, 0, NULL), 0);
	assert_int_equal(tlsfo_conn_open(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	assert_int_equal(client_report(conn).early_data, TLSFO_EARLY_DATA_NONE);
	client_send(conn, OTHER, strlen(OTHER));
	finish(conn, &peer, OTHER);
	tlsfo_config_free(config);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(its_own), cmocka_unit_test(another),
		cmocka_unit_test(none), cmocka_unit_test(changed), cmocka_unit_test(taken_back)};

	return suite_run("first data is for its protocol", tests, suite_length(tests));
}
