/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * No byte is lost when a server asks for new keys (TLS 1.3, RFC 8446 §4.6.3) or to negotiate anew
 * (TLS 1.2) between data, though sockets are full when it happens. The client goes on in the first
 * case and refuses politely in the second.
 */

#include <poll.h>
#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define TOTAL (4U << 20)
#define CHUNK 20000U
/* GnuTLS takes eight a second for an attack. */
#define UPDATES 6

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at % 253);
}

/* Sends back what comes and changes keys every now and then, the client's too. */
static void echo_with_new_keys(struct peer_conn *conn)
{
	char buf[16384];
	unsigned int records = 0;
	size_t n;

	while ((n = peer_receive_some(conn, buf, sizeof(buf))) > 0) {
		peer_send(conn, buf, n);
		if (++records % 30 == 0 && records / 30 <= UPDATES &&
			gnutls_session_key_update(conn->session, GNUTLS_KU_PEER) < 0)
			peer_fail("key update", GNUTLS_E_INTERNAL_ERROR);
	}
}

static void write_some(struct tlsfo_conn *conn, size_t *sent)
{
	static unsigned char buf[CHUNK];
	size_t len = TOTAL - *sent < CHUNK ? TOTAL - *sent : CHUNK;

	for (size_t i = 0; i < len; i++)
		buf[i] = pattern(*sent + i);
	ssize_t n = len == 0 ? 0 : tlsfo_conn_write(conn, buf, len, TLSFO_NOW);
	if (n < 0 && n != GNUTLS_E_AGAIN)
		fail_msg("write: %s", tlsfo_conn_error(conn));
	*sent += n > 0 ? (size_t)n : 0;
}

static bool read_some(struct tlsfo_conn *conn, size_t *received)
{
	static unsigned char buf[CHUNK];
	ssize_t n = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW);

	if (n == GNUTLS_E_AGAIN)
		return false;
	if (n <= 0)
		fail_msg("read: %s", tlsfo_conn_error(conn));
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != pattern(*received + (size_t)i))
			fail_msg("byte %zu is wrong", *received + (size_t)i);
	*received += (size_t)n;
	return true;
}

static void new_keys(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	size_t sent = 0;
	size_t received = 0;

	(void)state;
	assert_int_equal(tlsfo_config_set_priority(config, WAY_TLS13), 0);
	/* Small buffers are full often. */
	net_set_buffers(20000);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, echo_with_new_keys);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	while (received < TOTAL) {
		write_some(conn, &sent);
		if (read_some(conn, &received))
			continue;
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};
		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
	}
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Asks to negotiate anew, then says what became of it. */
static void ask_anew(struct peer_conn *conn)
{
	char buf[16];
	int ret = gnutls_rehandshake(conn->session);

	if (ret < 0)
		peer_fail("rehandshake", ret);
	peer_send(conn, "asked", 5);
	do
		ret = (int)gnutls_record_recv(conn->session, buf, sizeof(buf));
	while (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED);
	if (ret != GNUTLS_E_WARNING_ALERT_RECEIVED ||
		gnutls_alert_get(conn->session) != GNUTLS_A_NO_RENEGOTIATION)
		peer_fail("no refusal came", ret);
	peer_receive(conn, buf, 4);
	peer_send(conn, buf, 4);
	peer_listen(conn);
}

static void negotiating_anew(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	char buf[5] = "";

	(void)state;
	assert_int_equal(tlsfo_config_set_priority(config, WAY_TLS12), 0);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, ask_anew);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_receive(conn, buf, 5);
	assert_memory_equal(buf, "asked", 5);
	client_send(conn, "more", 4);
	client_receive(conn, buf, 4);
	assert_memory_equal(buf, "more", 4);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_keys),
		cmocka_unit_test(negotiating_anew),
	};

	return suite_run("the client outlives interludes", tests, suite_length(tests));
}
