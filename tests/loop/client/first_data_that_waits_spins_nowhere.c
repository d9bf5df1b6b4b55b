/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A loop that polls as it is told is not woken again and again while a server that has said
 * something reads none of the first data. What the server said is not what the connection waits
 * for.
 */

#include <poll.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

/* Some more than the stages of an opening; one that is woken at once by everything has thousands. */
enum { BUFFERS = 4096, LIMIT_MS = 1000, WAKE_UPS_MOST = 60 };

static char data[TLSFO_FIRST_DATA_MAX];

/* Until the client is gone. */
static void greet_and_read_nothing(struct peer_conn *conn)
{
	struct pollfd gone = {.fd = conn->fd};

	peer_send(conn, "220 at your service\r\n", 21);
	if (poll(&gone, 1, -1) < 0)
		peer_fail("poll", 0);
}

static unsigned int advance_to_the_end(struct tlsfo_conn *conn, int *ret_code)
{
	unsigned int count = 0;

	while ((*ret_code = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN) {
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};
		int64_t left = tlsfo_conn_deadline(conn) - tlsfo_now();

		assert_true(poll(&pfd, 1, left > 0 ? (int)left : 0) >= 0);
		count++;
	}
	return count;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];
	int ret;

	net_set_buffers(BUFFERS);
	peer_start(&peer, &(struct peer_options){.family = way->family, .priority = way->priority},
		greet_and_read_nothing);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	assert_int_equal(client_begin(config, client_loopback(way->family), service, data,
				 sizeof(data), 0, tlsfo_deadline_in(LIMIT_MS), &conn),
		0);
	unsigned int count = advance_to_the_end(conn, &ret);
	assert_int_equal(ret, GNUTLS_E_TIMEDOUT);
	assert_true(client_report(conn).handshake_us > 0);
	assert_true(count <= WAKE_UPS_MOST);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("first data that waits spins nowhere", test, WAY_SOCKET);
}
