/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The client has a server's tickets acknowledged at once. A server that leaves Nagle's algorithm on
 * sends nothing behind its ticket until that is acknowledged, which the kernel delays by 40 ms or
 * more; the server's greeting is there without that time.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/peer.h"
#include "support/visit.h"

#define GREETING "220 hello\r\n"
#define ORDER	 "HELO"

/* The kernel's shortest delay is 40 ms. Once in some tries the system has the processor for us in time. */
enum { LIMIT_MS = 20, TRIES = 20 };

static void greet(struct peer_conn *conn)
{
	char order[sizeof(ORDER)];

	if (conn->arg != NULL)
		peer_receive(conn, order, strlen(ORDER));
	int ret = gnutls_session_ticket_send(conn->session, 1, 0);
	if (ret < 0)
		peer_fail("the ticket", ret);
	peer_send(conn, GREETING, strlen(GREETING));
	peer_mute(conn);
}

/* How long the greeting takes, in milliseconds. */
static int64_t greeted(struct tlsfo_config *config, uint16_t port, bool speaks)
{
	char greeting[sizeof(GREETING)] = "";
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", port);
	int64_t begun = tlsfo_now();

	if (speaks)
		client_send(conn, ORDER, strlen(ORDER));
	client_receive(conn, greeting, strlen(GREETING));
	int64_t took = tlsfo_now() - begun;
	assert_string_equal(greeting, GREETING);
	tlsfo_conn_free(conn);
	return took;
}

static void client(const void *speaks)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	int64_t best = INT64_MAX;

	peer_start(&peer, &(struct peer_options){.family = AF_INET, .tickets = true, .arg = speaks},
		greet);
	for (int i = 0; i < TRIES && best > LIMIT_MS; i++) {
		int64_t took = greeted(config, peer.port, speaks != NULL);

		best = took < best ? took : best;
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
	if (best > LIMIT_MS)
		fail_msg("the greeting took %d ms at least", (int)best);
}

static void server_speaks_first(void **state)
{
	(void)state;
	client(NULL);
}

static void client_speaks_first(void **state)
{
	(void)state;
	client(ORDER);
}

static int64_t visited(const struct way *way, uint16_t port)
{
	char greeting[sizeof(GREETING)] = "";
	struct visit visit;

	visit_open(&visit, way, port);
	assert_int_equal(visit_handshake(&visit), 0);
	int64_t begun = tlsfo_now();
	visit_receive(&visit, greeting, strlen(GREETING));
	int64_t took = tlsfo_now() - begun;
	assert_string_equal(greeting, GREETING);
	visit_close(&visit);
	return took;
}

static void transport(void **state)
{
	const struct way way = {AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false};
	struct peer peer;
	int64_t best = INT64_MAX;

	(void)state;
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .tickets = true}, greet);
	for (int i = 0; i < TRIES && best > LIMIT_MS; i++) {
		int64_t took = visited(&way, peer.port);

		best = took < best ? took : best;
	}
	peer_stop(&peer);
	if (best > LIMIT_MS)
		fail_msg("the greeting took %d ms at least", (int)best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"client rung, the server speaks first", server_speaks_first, NULL, NULL, NULL},
		{"client rung, the client speaks first", client_speaks_first, NULL, NULL, NULL},
		{"transport rung, the server speaks first", transport, NULL, NULL, NULL},
	};

	return suite_run("tickets are acknowledged at once", tests, suite_length(tests));
}
