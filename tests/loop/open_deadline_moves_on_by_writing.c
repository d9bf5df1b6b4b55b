/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The deadline of an open connection is when to read or write though nothing happened. A program that only
 * writes then, even nothing, is not told the same deadline for ever.
 */

#include <poll.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

/* A client that had to wait for a processor may know already that the path carries what follows the SYN. */
enum { TRIES = 20 };

/* Whether there was a deadline. */
static bool write_when_due(struct tlsfo_conn *conn, const char *data)
{
	int64_t deadline = tlsfo_conn_deadline(conn);

	if (deadline == TLSFO_NEVER)
		return false;
	while (tlsfo_now() < deadline)
		poll(NULL, 0, 1);
	assert_int_equal(tlsfo_conn_write(conn, data, strlen(data), TLSFO_NOW), strlen(data));
	assert_true(
		tlsfo_conn_deadline(conn) == TLSFO_NEVER || tlsfo_conn_deadline(conn) > deadline);
	return true;
}

static bool visit(struct tlsfo_config *config, const char *data)
{
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_listen);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	bool was_due = write_when_due(conn, data);

	tlsfo_conn_free(conn);
	peer_stop(&peer);
	return was_due;
}

/* The first visit brings the cookie. */
static void visit_until_due(const char *data)
{
	struct tlsfo_config *config = client_config_default();
	bool was_due = false;

	for (int i = 0; i < TRIES && !was_due; i++)
		was_due = visit(config, data);
	assert_true(was_due);
	tlsfo_config_free(config);
}

static void nothing(void **state)
{
	(void)state;
	visit_until_due("");
}

static void something(void **state)
{
	(void)state;
	visit_until_due("a line\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(something),
	};

	return suite_run("an open deadline moves on by writing", tests, suite_length(tests));
}
