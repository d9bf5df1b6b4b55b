/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Storage for a connection that is missing, not aligned or too small is told, and nothing is sent. */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"

#define REQUEST "how is the weather?\n"

static struct tlsfo_conn_storage storage;

static int connect_in(void *mem, size_t size, size_t first, struct tlsfo_config *config,
	struct tlsfo_conn **ret_conn)
{
	static const char data[TLSFO_FIRST_DATA_MAX];
	char port[8];

	snprintf(port, sizeof(port), "%u", (unsigned int)net_unused_port(AF_INET));
	return tlsfo_connect_mem(mem, size, config, "127.0.0.1", port, data, first,
		TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(CLIENT_PATIENCE_MS), ret_conn);
}

static void test(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_conn *conn = (struct tlsfo_conn *)&storage;
	unsigned char *odd = storage.opaque.bytes + 1;

	(void)state;
	assert_int_equal(
		connect_in(NULL, sizeof(storage), 0, config, &conn), TLSFO_E_INVALID_ARGUMENT);
	assert_null(conn);
	assert_int_equal(
		connect_in(odd, sizeof(storage) - 1, 0, config, &conn), TLSFO_E_INVALID_STORAGE);
	assert_null(conn);
	assert_int_equal(connect_in(&storage, TLSFO_CONN_STORAGE_MIN - 1, 0, config, &conn),
		TLSFO_E_INVALID_STORAGE);
	assert_null(conn);
	/* Enough for the connection, but not for this. */
	assert_int_equal(connect_in(&storage, sizeof(storage), TLSFO_FIRST_DATA_MAX, config, &conn),
		TLSFO_E_INVALID_STORAGE);
	assert_null(conn);
	/* Where there is enough, it is the network that fails. */
	assert_int_equal(connect_in(&storage, TLSFO_CONN_STORAGE_MIN, 0, config, &conn),
		TLSFO_E_NOT_CONNECTED);
	assert_ptr_equal(conn, &storage);
	tlsfo_conn_free(conn);
	assert_int_equal(tlsfo_connect_mem(&storage, sizeof(storage), config, "127.0.0.1", "1",
				 NULL, 0, 0, TLSFO_NEVER, NULL),
		TLSFO_E_INVALID_ARGUMENT);
	tlsfo_config_free(config);
}

/* Whatever it is that finds no room: the fault is the storage's, and never that there is no memory. */
static void tight(void **state)
{
	struct tlsfo_config *config = client_config_default();
	unsigned int early = 0;
	unsigned int late = 0;

	(void)state;
	for (size_t first = sizeof(storage) / 2; first < sizeof(storage); first += 16) {
		struct tlsfo_conn *conn = NULL;
		int ret = connect_in(&storage, sizeof(storage), first, config, &conn);

		assert_true(ret == TLSFO_E_NOT_CONNECTED || ret == TLSFO_E_INVALID_STORAGE);
		early += conn == NULL;
		late += conn != NULL && ret == TLSFO_E_INVALID_STORAGE;
		if (conn != NULL)
			assert_true(tlsfo_conn_error(conn)[0] != '\0');
		tlsfo_conn_free(conn);
	}
	assert_true(early > 0);
	assert_true(late > 0);
	tlsfo_config_free(config);
}

/* The same with a ticket, which wants room too, and stays where it was. */
static void tight_with_ticket(void **state)
{
	static const struct early_turn turns[] = {{0}, {.ticket = EARLY_NO_TICKET}};
	static const char data[sizeof(storage)];
	struct tlsfo_config *config = client_config_default();
	struct tlsfo_config *stranded = client_config_default();
	struct tlsfo_store *store = NULL;
	unsigned int late = 0;
	struct peer peer;
	char port[8];

	(void)state;
	assert_int_equal(tlsfo_store_new(&store), 0);
	assert_int_equal(tlsfo_config_set_store(config, store), 0);
	assert_int_equal(tlsfo_config_set_store(stranded, store), 0);
	/* An address that this host does not have (RFC 5737): nothing leaves. */
	assert_int_equal(tlsfo_config_set_local_address(stranded, "192.0.2.77"), 0);
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	snprintf(port, sizeof(port), "%u", (unsigned int)peer.port);
	for (size_t first = sizeof(storage) / 2; first < sizeof(storage); first += 16) {
		struct tlsfo_conn *conn = NULL;
		int ret = tlsfo_connect_mem(&storage, sizeof(storage), stranded, "127.0.0.1", port,
			data, first, TLSFO_FIRST_DATA_REPLAYABLE,
			tlsfo_deadline_in(CLIENT_PATIENCE_MS), &conn);

		assert_true(ret == TLSFO_E_NOT_CONNECTED || ret == TLSFO_E_INVALID_STORAGE ||
			    ret == TLSFO_E_FLIGHT_TOO_LARGE);
		late += conn != NULL && ret == TLSFO_E_INVALID_STORAGE;
		tlsfo_conn_free(conn);
	}
	assert_true(late > 0);
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	assert_true(early_hear(&peer).resumed);
	tlsfo_config_free(config);
	tlsfo_config_free(stranded);
	tlsfo_store_free(store);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"storage that is wrong", test, NULL, NULL, NULL},
		{"storage that is tight", tight, NULL, NULL, NULL},
		{"storage that is tight for a ticket", tight_with_ticket, NULL, NULL, NULL},
	};

	return suite_run("client storage that is wrong is told", tests, suite_length(tests));
}
