/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that was compiled with an earlier, shorter report gets the fields that it knows, and nothing is written
 * behind them. A report of another size is refused, and is not written to at all.
 */

#include <stddef.h>

#include "support/client.h"
#include "support/peer.h"

/* The first version had all fields before this one. */
#define FIRST_SIZE offsetof(struct tlsfo_report, early_data_reason)

typedef int (*getter)(struct tlsfo_conn *conn, struct tlsfo_report *report);

static int of_session(struct tlsfo_conn *conn, struct tlsfo_report *report)
{
	return tlsfo_transport_get_report(tlsfo_conn_session(conn), report);
}

/* Asks for a report of this size in memory that is full of a mark. Returns the first byte behind the last that was
 * written. */
static size_t written(struct tlsfo_conn *conn, getter get, size_t size, int code)
{
	union {
		struct tlsfo_report report;
		unsigned char bytes[sizeof(struct tlsfo_report) + 64];
	} room;
	size_t end = sizeof(room);

	memset(&room, 0xa5, sizeof(room));
	room.report.size = size;
	assert_int_equal(get(conn, &room.report), code);
	assert_int_equal(room.report.size, size);
	if (code == 0) {
		assert_string_equal(room.report.address, "127.0.0.1");
		assert_int_equal(room.report.attempt_count, 1);
		assert_string_equal(room.report.attempts[0].address, "127.0.0.1");
	}
	while (end > sizeof(size_t) && room.bytes[end - 1] == 0xa5)
		end--;
	return end;
}

static void test(void **state)
{
	static const getter getters[] = {tlsfo_conn_get_report, of_session};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	for (size_t i = 0; i < suite_length(getters); i++) {
		assert_int_equal(written(conn, getters[i], FIRST_SIZE, 0), FIRST_SIZE);
		assert_int_equal(
			written(conn, getters[i], tlsfo_report_size(), 0), tlsfo_report_size());
		assert_int_equal(
			written(conn, getters[i], FIRST_SIZE - 1, TLSFO_E_INVALID_ARGUMENT),
			sizeof(size_t));
		assert_int_equal(written(conn, getters[i], tlsfo_report_size() + 8,
					 TLSFO_E_INVALID_ARGUMENT),
			sizeof(size_t));
	}
	client_close(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	return suite_run("a report of an earlier version is filled", tests, suite_length(tests));
}
