/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that greets, as for SMTP: it waits for the client's Finished before it says a word, and
 * the client waits for that word before it writes or reads. So the Finished has to leave without
 * being asked for by a read.
 */

#include <unistd.h>

#include "support/peer.h"
#include "support/visit.h"

static const char greeting[] = "220 at your service\r\n";

static void greet(struct peer_conn *conn)
{
	char line[6];

	/* The handshake is over here: say so on the side, then greet. */
	if (write(conn->test, "done", 4) != 4)
		peer_fail("write", 0);
	peer_send(conn, greeting, sizeof(greeting));
	peer_receive(conn, line, sizeof(line));
	peer_send(conn, "bye", 4);
}

static void visit_greeter(const struct way *way)
{
	struct peer peer;
	struct visit visit;
	char buf[sizeof(greeting)] = "";

	peer_start(&peer, &(struct peer_options){.family = way->family, .priority = way->priority},
		greet);
	visit_open(&visit, way, peer.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);

	/* The client does nothing at all, and the server gets through its handshake. */
	peer_hear(&peer, buf, 4);
	assert_memory_equal(buf, "done", 4);
	visit_receive(&visit, buf, sizeof(greeting));
	assert_string_equal(buf, greeting);
	visit_send(&visit, "QUIT\r\n", 6);
	visit_receive(&visit, buf, 4);
	assert_string_equal(buf, "bye");
	visit_close(&visit);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct way *way = *state;

	visit_greeter(way);
	visit_greeter(way);
}

int main(void)
{
	return way_run("the server speaks first", test, WAY_ALL);
}
