/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * 16 MiB in each direction at once through tlsfo_conn_write() and tlsfo_conn_read() without waiting
 * inside, the program waiting for tlsfo_conn_events() as it would with poll(2): every byte arrives,
 * in order, though sockets fill up and records wait half sent.
 */

#include <poll.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define TOTAL (16U << 20)
/* Not a multiple of a record. */
#define CHUNK 50000U

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at % 251 + at / 65536);
}

/* Sends back all that comes, as long as the client can be made to wait. */
static void echo_all(struct peer_conn *conn)
{
	static char buf[16384];
	ssize_t n;

	while ((n = gnutls_record_recv(conn->session, buf, sizeof(buf))) > 0)
		peer_send(conn, buf, (size_t)n);
	if (n != 0)
		peer_fail("the client ended without close_notify", (int)n);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

/* Both return false when there is nothing to do at the moment. */
static bool write_some(struct tlsfo_conn *conn, size_t *sent)
{
	static unsigned char buf[CHUNK];
	size_t len = TOTAL - *sent < CHUNK ? TOTAL - *sent : CHUNK;

	for (size_t i = 0; i < len; i++)
		buf[i] = pattern(*sent + i);
	ssize_t n = len == 0 ? GNUTLS_E_AGAIN : tlsfo_conn_write(conn, buf, len, TLSFO_NOW);
	if (n == GNUTLS_E_AGAIN)
		return false;
	assert_true(n > 0);
	*sent += (size_t)n;
	return true;
}

static bool read_some(struct tlsfo_conn *conn, size_t *received)
{
	static unsigned char buf[CHUNK];
	ssize_t n = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW);

	if (n == GNUTLS_E_AGAIN)
		return false;
	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != pattern(*received + (size_t)i))
			fail_msg("byte %zu is wrong", *received + (size_t)i);
	*received += (size_t)n;
	return true;
}

static void test(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	size_t sent = 0;
	size_t received = 0;
	bool full = false;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, echo_all);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	while (received < TOTAL) {
		bool wrote = write_some(conn, &sent);

		/* The socket is filled up before anything is read. */
		if (wrote && !full)
			continue;
		full = true;
		if (read_some(conn, &received) || wrote)
			continue;
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};
		assert_int_equal((pfd.events & POLLOUT) != 0 || sent == TOTAL, 1);
		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
	}
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
		{AF_INET, WAY_TLS12, TLSFO_TRANSPORT_SOCKET, false},
	};
	const struct CMUnitTest tests[] = {
		{"TLS 1.3", test, NULL, NULL, &ways[0]},
		{"TLS 1.2", test, NULL, NULL, &ways[1]},
	};

	return suite_run("the client moves 16 MiB", tests, suite_length(tests));
}
