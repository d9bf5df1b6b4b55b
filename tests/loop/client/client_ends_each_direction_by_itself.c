/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Each direction of a conversation ends by itself: half-close leaves the other direction open, the
 * peer's close_notify reads as 0, a connection cut without one is told apart, and nothing is
 * written after the end.
 */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define SOON tlsfo_deadline_in(CLIENT_PATIENCE_MS)

/* Reads to the client's end, then answers with how much came. */
static void count_then_answer(struct peer_conn *conn)
{
	char buf[4096];
	char answer[16] = "";
	size_t total = 0;
	ssize_t n;

	while ((n = gnutls_record_recv(conn->session, buf, sizeof(buf))) > 0)
		total += (size_t)n;
	if (n != 0)
		peer_fail("the client ended without close_notify", (int)n);
	snprintf(answer, sizeof(answer), "%zu", total);
	peer_send(conn, answer, sizeof(answer));
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

static void half_close(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	char answer[16];
	char block[5000] = "";

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, count_then_answer);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_send(conn, block, sizeof(block));
	assert_int_equal(tlsfo_conn_write(conn, NULL, 0, SOON), 0);
	assert_int_equal(tlsfo_conn_shutdown(conn, SOON), 0);
	assert_int_equal(tlsfo_conn_shutdown(conn, SOON), 0);
	assert_int_equal(tlsfo_conn_write(conn, "x", 1, SOON), TLSFO_E_INVALID_ARGUMENT);
	client_receive(conn, answer, sizeof(answer));
	assert_string_equal(answer, "5000");
	assert_int_equal(tlsfo_conn_read(conn, answer, sizeof(answer), SOON), 0);
	assert_int_equal(tlsfo_conn_read(conn, answer, sizeof(answer), SOON), 0);
	assert_int_equal(tlsfo_conn_close(conn, SOON), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* The server ends first; the client's direction stays open. */
static void answer_then_count(struct peer_conn *conn)
{
	char buf[4];

	peer_send(conn, "over", 4);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_receive(conn, buf, sizeof(buf));
	if (write(conn->test, buf, sizeof(buf)) != (ssize_t)sizeof(buf))
		peer_fail("write", 0);
}

static void server_ends_first(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	char buf[4];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, answer_then_count);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_receive(conn, buf, 4);
	assert_int_equal(tlsfo_conn_read(conn, buf, 4, SOON), 0);
	client_send(conn, "yes!", 4);
	peer_hear(&peer, buf, 4);
	assert_memory_equal(buf, "yes!", 4);
	assert_int_equal(tlsfo_conn_close(conn, SOON), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Says something and is gone, with a plain FIN. */
static void vanish(struct peer_conn *conn)
{
	peer_send(conn, "I am", 4);
}

static void cut_without_notice(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	char buf[4];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, vanish);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	client_receive(conn, buf, 4);
	assert_int_equal(tlsfo_conn_read(conn, buf, 4, SOON), GNUTLS_E_PREMATURE_TERMINATION);
	assert_true(tlsfo_conn_error(conn)[0] != '\0');
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void bad_arguments(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	char buf[4];

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	assert_int_equal(tlsfo_conn_read(NULL, buf, 4, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_read(conn, NULL, 4, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_read(conn, buf, 0, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_write(NULL, buf, 4, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_write(conn, NULL, 4, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_shutdown(NULL, SOON), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_get_report(conn, NULL), TLSFO_E_INVALID_ARGUMENT);
	struct tlsfo_report unset = {0};
	assert_int_equal(tlsfo_conn_get_report(conn, &unset), TLSFO_E_INVALID_ARGUMENT);
	client_echo(conn);
	assert_int_equal(tlsfo_conn_close(conn, SOON), 0);
	assert_int_equal(tlsfo_conn_close(NULL, SOON), 0);
	tlsfo_conn_free(NULL);
	tlsfo_config_free(NULL);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void plain_session_and_socket(void **state)
{
	struct tlsfo_config *config = client_config(*state);
	struct peer peer;
	char buf[4] = "";

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, peer_echo);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", peer.port);
	gnutls_session_t session = tlsfo_conn_session(conn);
	assert_non_null(session);
	struct pollfd pfd = {.fd = tlsfo_conn_fd(conn), .events = tlsfo_conn_events(conn)};
	assert_int_equal(gnutls_transport_get_int(session), pfd.fd);
	assert_int_equal(pfd.events, POLLIN);
	/* GnuTLS and tlsfo may take turns. */
	assert_int_equal(gnutls_record_send(session, "turn", 4), 4);
	client_receive(conn, buf, 4);
	assert_memory_equal(buf, "turn", 4);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

#define EACH(fact)                                                                                 \
	{#fact ", TLS 1.3", fact, NULL, NULL, &ways[0]},                                           \
	{                                                                                          \
#fact ", TLS 1.2", fact, NULL, NULL, &ways[1]                                      \
	}

int main(void)
{
	static struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
		{AF_INET, WAY_TLS12, TLSFO_TRANSPORT_SOCKET, false},
	};
	const struct CMUnitTest tests[] = {
		EACH(half_close),
		EACH(server_ends_first),
		EACH(cut_without_notice),
		EACH(bad_arguments),
		EACH(plain_session_and_socket),
	};

	return suite_run("the client ends each direction by itself", tests, suite_length(tests));
}
