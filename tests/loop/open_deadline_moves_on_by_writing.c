/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The deadline of an open connection is when to read or write though nothing happened. A program that only
 * writes then, even nothing, is not told the same deadline for ever.
 */

#include <poll.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

static void write_when_due(struct tlsfo_conn *conn, const char *data)
{
	int64_t deadline = tlsfo_conn_deadline(conn);

	/* It is not known yet whether the path carries what follows the SYN. */
	assert_true(deadline >= 0);
	while (tlsfo_now() < deadline)
		poll(NULL, 0, 1);
	assert_int_equal(tlsfo_conn_write(conn, data, strlen(data), TLSFO_NOW), strlen(data));
	assert_true(
		tlsfo_conn_deadline(conn) == TLSFO_NEVER || tlsfo_conn_deadline(conn) > deadline);
}

static void visit(struct tlsfo_config *config, const char *data, bool rides)
{
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_listen);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);

	if (rides)
		write_when_due(conn, data);
	tlsfo_conn_free(conn);
	peer_stop(&peer);
}

static void nothing(void **state)
{
	struct tlsfo_config *config = client_config_default();

	(void)state;
	visit(config, "", false);
	visit(config, "", true);
	tlsfo_config_free(config);
}

static void something(void **state)
{
	struct tlsfo_config *config = client_config_default();

	(void)state;
	visit(config, "", false);
	visit(config, "a line\n", true);
	tlsfo_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(something),
	};

	return suite_run("an open deadline moves on by writing", tests, suite_length(tests));
}
