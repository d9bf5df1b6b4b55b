/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Data, alerts and answers to key updates all come through whole and once over a socket that takes
 * a few bytes at a time and in between nothing, at any place in any record. The socket is one of
 * the test's own, put under the session by gnutls_transport_set_vec_push_function(), so that every
 * place comes up.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define SOON  tlsfo_deadline_in(CLIENT_PATIENCE_MS)
#define TOTAL 200000U

static struct {
	gnutls_session_t session;
	bool shut;	   /* takes nothing */
	bool stutters;	   /* takes nothing every second time */
	unsigned int call; /* counts */
} throttle;

static ssize_t throttled_push(gnutls_transport_ptr_t ptr, const giovec_t *iov, int iovcnt)
{
	int fd = (int)(intptr_t)ptr;
	struct iovec first = {.iov_base = iov[0].iov_base, .iov_len = iov[0].iov_len};

	throttle.call++;
	if (throttle.shut || (throttle.stutters && throttle.call % 2 == 0)) {
		gnutls_transport_set_errno(throttle.session, EAGAIN);
		return -1;
	}
	if (!throttle.stutters)
		return writev(fd, iov, iovcnt);
	/* From one byte to a good part of a record. */
	size_t most = 1 + throttle.call * 7919 % 6000;
	if (first.iov_len > most)
		first.iov_len = most;
	return writev(fd, &first, 1);
}

static struct tlsfo_conn *connect_throttled(
	struct tlsfo_config *config, const char *priority, uint16_t port)
{
	assert_int_equal(tlsfo_config_set_priority(config, priority), 0);
	struct tlsfo_conn *conn = client_connect_well(config, "127.0.0.1", port);

	throttle.session = tlsfo_conn_session(conn);
	throttle.shut = false;
	throttle.stutters = false;
	throttle.call = 0;
	gnutls_transport_set_vec_push_function(throttle.session, throttled_push);
	return conn;
}

/* Sends back what comes; in TLS 1.3 asks for new keys now and then. */
static void echo_with_new_keys(struct peer_conn *conn)
{
	bool tls13 = gnutls_protocol_get_version(conn->session) == GNUTLS_TLS1_3;
	unsigned int records = 0;
	char buf[16384];
	size_t n;

	while ((n = peer_receive_some(conn, buf, sizeof(buf))) > 0) {
		peer_send(conn, buf, n);
		if (tls13 && ++records % 4 == 0 && records <= 24 &&
			gnutls_session_key_update(conn->session, GNUTLS_KU_PEER) < 0)
			peer_fail("key update", GNUTLS_E_INTERNAL_ERROR);
	}
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

/* One step each way without waiting; true when something moved. */
static bool step(struct tlsfo_conn *conn, const unsigned char *data, size_t *sent, size_t *received)
{
	unsigned char buf[5000];
	bool moved = false;
	ssize_t n = GNUTLS_E_AGAIN;

	if (*sent < TOTAL)
		n = tlsfo_conn_write(conn, data + *sent, TOTAL - *sent, TLSFO_NOW);
	if (n < 0 && n != GNUTLS_E_AGAIN)
		fail_msg("write: %s", tlsfo_conn_error(conn));
	moved = n > 0;
	*sent += n > 0 ? (size_t)n : 0;
	n = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW);
	if (n == 0 || (n < 0 && n != GNUTLS_E_AGAIN))
		fail_msg("read: %s", tlsfo_conn_error(conn));
	if (n > 0) {
		assert_memory_equal(buf, data + *received, (size_t)n);
		*received += (size_t)n;
	}
	return moved || n > 0;
}

static void data_comes_through(void **state)
{
	static unsigned char data[TOTAL];
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	size_t sent = 0;
	size_t received = 0;
	char buf[1];

	for (size_t i = 0; i < TOTAL; i++)
		data[i] = (unsigned char)(i % 253);
	peer_start(&peer, &(struct peer_options){.family = AF_INET}, echo_with_new_keys);
	struct tlsfo_conn *conn = connect_throttled(config, *state, peer.port);
	throttle.stutters = true;
	while (received < TOTAL) {
		struct pollfd pfd = {.fd = tlsfo_conn_fd(conn)};

		if (step(conn, data, &sent, &received))
			continue;
		pfd.events = tlsfo_conn_events(conn);
		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
	}
	assert_int_equal(sent, TOTAL);
	assert_int_equal(tlsfo_conn_shutdown(conn, SOON), 0);
	assert_int_equal(tlsfo_conn_read(conn, buf, 1, SOON), 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Ends with the client's close_notify, and says how the client ended. */
static void tell_end(struct peer_conn *conn)
{
	char buf[64];
	int ret;

	do
		ret = (int)gnutls_record_recv(conn->session, buf, sizeof(buf));
	while (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED);
	if (write(conn->test, &ret, sizeof(ret)) != (ssize_t)sizeof(ret))
		peer_fail("write", 0);
}

static void close_notify_comes_through(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	int end;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, tell_end);
	struct tlsfo_conn *conn = connect_throttled(config, *state, peer.port);
	throttle.shut = true;
	assert_int_equal(tlsfo_conn_shutdown(conn, TLSFO_NOW), GNUTLS_E_AGAIN);
	assert_int_equal(tlsfo_conn_events(conn), POLLIN | POLLOUT);
	assert_int_equal(tlsfo_conn_write(conn, "x", 1, TLSFO_NOW), TLSFO_E_INVALID_ARGUMENT);
	assert_int_equal(tlsfo_conn_shutdown(conn, TLSFO_NOW), GNUTLS_E_AGAIN);
	throttle.shut = false;
	/* Whatever is called sends it on. */
	char buf[1];
	ssize_t n = tlsfo_conn_read(conn, buf, 1, TLSFO_NOW);
	/* The server may be quick enough to have closed by then. */
	assert_true(n == GNUTLS_E_AGAIN || n == GNUTLS_E_PREMATURE_TERMINATION);
	assert_int_equal(tlsfo_conn_events(conn), POLLIN);
	peer_hear(&peer, &end, sizeof(end));
	assert_int_equal(end, 0);
	assert_int_equal(tlsfo_conn_shutdown(conn, SOON), 0);
	assert_int_equal(tlsfo_conn_write(conn, "x", 1, SOON), TLSFO_E_INVALID_ARGUMENT);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

/* Asks to negotiate anew and tells the alert that answers, then echoes. */
static void ask_anew(struct peer_conn *conn)
{
	char buf[64];
	int alert = -1;
	int ret = gnutls_rehandshake(conn->session);

	if (ret < 0)
		peer_fail("rehandshake", ret);
	peer_send(conn, "asked", 5);
	do
		ret = (int)gnutls_record_recv(conn->session, buf, sizeof(buf));
	while (ret == GNUTLS_E_AGAIN || ret == GNUTLS_E_INTERRUPTED);
	if (ret == GNUTLS_E_WARNING_ALERT_RECEIVED)
		alert = (int)gnutls_alert_get(conn->session);
	if (write(conn->test, &alert, sizeof(alert)) != (ssize_t)sizeof(alert))
		peer_fail("write", 0);
	peer_echo(conn);
}

static void refusal_comes_through(void **state)
{
	struct tlsfo_config *config = client_config_default();
	struct peer peer;
	char buf[5];
	int alert;

	peer_start(&peer, &(struct peer_options){.family = AF_INET}, ask_anew);
	struct tlsfo_conn *conn = connect_throttled(config, *state, peer.port);
	throttle.shut = true;
	client_receive(conn, buf, 5);
	assert_int_equal(tlsfo_conn_events(conn), POLLIN | POLLOUT);
	assert_int_equal(tlsfo_conn_write(conn, "data", 4, TLSFO_NOW), GNUTLS_E_AGAIN);
	throttle.shut = false;
	client_echo(conn);
	assert_int_equal(tlsfo_conn_events(conn), POLLIN);
	peer_hear(&peer, &alert, sizeof(alert));
	assert_int_equal(alert, GNUTLS_A_NO_RENEGOTIATION);
	assert_int_equal(tlsfo_conn_close(conn, SOON), 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static char tls13[] = WAY_TLS13;
	static char tls12[] = WAY_TLS12;
	const struct CMUnitTest tests[] = {
		{"data comes through, TLS 1.3", data_comes_through, NULL, NULL, tls13},
		{"data comes through, TLS 1.2", data_comes_through, NULL, NULL, tls12},
		{"close_notify comes through, TLS 1.3", close_notify_comes_through, NULL, NULL,
			tls13},
		{"close_notify comes through, TLS 1.2", close_notify_comes_through, NULL, NULL,
			tls12},
		{"a refusal comes through, TLS 1.2", refusal_comes_through, NULL, NULL, tls12},
	};

	return suite_run("the client outlives a stuttering socket", tests, suite_length(tests));
}
