/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When the socket is full and a record is half sent, the program is told to wait for POLLOUT, any
 * call sends the record on, a write that does not begin with its bytes is refused, and close_notify
 * waits behind it. The server gets every byte once.
 */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define SOON	   tlsfo_deadline_in(CLIENT_PATIENCE_MS)
#define TOTAL	   (1U << 22)
#define RECORD_MAX 16384U

static unsigned char block[TOTAL];

static unsigned char pattern(size_t at)
{
	return (unsigned char)(at % 253);
}

/* Reads nothing until it is told, then everything; tells how many bytes came, if they were
 * right. */
static void sleep_then_read(struct peer_conn *conn)
{
	const int *gate = conn->arg;
	unsigned char buf[RECORD_MAX];
	size_t total = 0;
	size_t n;
	char go;

	if (read(gate[0], &go, 1) != 1)
		peer_fail("the gate", 0);
	while ((n = peer_receive_some(conn, buf, sizeof(buf))) > 0)
		for (size_t i = 0; i < n; i++)
			if (buf[i] != pattern(total++))
				peer_fail("a byte is wrong", GNUTLS_E_INTERNAL_ERROR);
	if (write(conn->test, &total, sizeof(total)) != (ssize_t)sizeof(total))
		peer_fail("write", 0);
}

/* The same, having asked to negotiate anew before (TLS 1.2). The refusal counts as 2^30 bytes. */
static void ask_then_sleep(struct peer_conn *conn)
{
	const int *gate = conn->arg;
	unsigned char buf[RECORD_MAX];
	size_t total = 0;
	size_t refusals = 0;
	ssize_t n;
	char go;

	if (gnutls_rehandshake(conn->session) < 0 || read(gate[0], &go, 1) != 1)
		peer_fail("the gate", 0);
	while ((n = gnutls_record_recv(conn->session, buf, sizeof(buf))) != 0) {
		if (n == GNUTLS_E_WARNING_ALERT_RECEIVED &&
			gnutls_alert_get(conn->session) == GNUTLS_A_NO_RENEGOTIATION)
			refusals++;
		else if (n < 0 && n != GNUTLS_E_AGAIN)
			peer_fail("receive", (int)n);
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] != pattern(total++))
				peer_fail("a byte is wrong", GNUTLS_E_INTERNAL_ERROR);
	}
	total += refusals << 30;
	if (write(conn->test, &total, sizeof(total)) != (ssize_t)sizeof(total))
		peer_fail("write", 0);
}

/* A connection whose server sleeps, and how much it took until its socket was full. */
struct fixture {
	struct tlsfo_config *config;
	struct tlsfo_conn *conn;
	struct peer peer;
	int gate[2];
	size_t taken;
};

static void fixture_fill(struct fixture *fixture, peer_body body, const char *priority)
{
	ssize_t n;

	for (size_t i = 0; i < TOTAL; i++)
		block[i] = pattern(i);
	net_set_buffers(30000);
	assert_int_equal(pipe(fixture->gate), 0);
	peer_start(&fixture->peer, &(struct peer_options){.family = AF_INET, .arg = fixture->gate},
		body);
	fixture->config = client_config_default();
	assert_int_equal(tlsfo_config_set_priority(fixture->config, priority), 0);
	fixture->conn = client_connect_well(fixture->config, "127.0.0.1", fixture->peer.port);
	fixture->taken = 0;
	while ((n = tlsfo_conn_write(fixture->conn, block + fixture->taken, TOTAL - fixture->taken,
			tlsfo_deadline_in(200))) > 0)
		fixture->taken += (size_t)n;
	assert_int_equal(n, GNUTLS_E_TIMEDOUT);
	assert_true(fixture->taken < TOTAL);
	assert_int_equal(tlsfo_conn_events(fixture->conn), POLLIN | POLLOUT);
	assert_int_equal(tlsfo_conn_write(fixture->conn, NULL, 0, TLSFO_NOW), GNUTLS_E_AGAIN);
}

static void fixture_wake(struct fixture *fixture)
{
	assert_int_equal(write(fixture->gate[1], "!", 1), 1);
}

static size_t fixture_end(struct fixture *fixture)
{
	size_t total;

	peer_hear(&fixture->peer, &total, sizeof(total));
	tlsfo_conn_free(fixture->conn);
	tlsfo_config_free(fixture->config);
	peer_stop(&fixture->peer);
	close(fixture->gate[0]);
	close(fixture->gate[1]);
	return total;
}

static void goes_on_with_the_same_bytes(void **state)
{
	struct fixture fixture;
	size_t rest;

	fixture_fill(&fixture, sleep_then_read, *state);
	rest = TOTAL - fixture.taken;
	fixture_wake(&fixture);
	/* Sends on what waited, and takes nothing new. */
	assert_int_equal(tlsfo_conn_write(fixture.conn, NULL, 0, SOON), 0);
	assert_int_equal(tlsfo_conn_events(fixture.conn), POLLIN);
	assert_int_equal(tlsfo_conn_write(fixture.conn, block + fixture.taken, 1, SOON),
		TLSFO_E_INVALID_ARGUMENT);
	client_send(fixture.conn, block + fixture.taken, rest);
	assert_int_equal(tlsfo_conn_shutdown(fixture.conn, SOON), 0);
	assert_int_equal(fixture_end(&fixture), TOTAL);
}

static void reading_sends_on_too(void **state)
{
	struct fixture fixture;
	char buf[1];

	fixture_fill(&fixture, sleep_then_read, *state);
	fixture_wake(&fixture);
	while (tlsfo_conn_events(fixture.conn) != POLLIN) {
		struct pollfd pfd = {.fd = tlsfo_conn_fd(fixture.conn), .events = POLLOUT};

		assert_int_equal(poll(&pfd, 1, CLIENT_PATIENCE_MS), 1);
		assert_int_equal(tlsfo_conn_read(fixture.conn, buf, 1, TLSFO_NOW), GNUTLS_E_AGAIN);
	}
	client_send(fixture.conn, block + fixture.taken, TOTAL - fixture.taken);
	assert_int_equal(tlsfo_conn_shutdown(fixture.conn, SOON), 0);
	assert_int_equal(fixture_end(&fixture), TOTAL);
}

static void close_notify_waits_behind(void **state)
{
	struct fixture fixture;

	fixture_fill(&fixture, sleep_then_read, *state);
	assert_int_equal(tlsfo_conn_shutdown(fixture.conn, TLSFO_NOW), GNUTLS_E_AGAIN);
	assert_int_equal(
		tlsfo_conn_shutdown(fixture.conn, tlsfo_deadline_in(50)), GNUTLS_E_TIMEDOUT);
	assert_int_equal(tlsfo_conn_events(fixture.conn), POLLIN | POLLOUT);
	fixture_wake(&fixture);
	assert_int_equal(tlsfo_conn_shutdown(fixture.conn, SOON), 0);
	assert_int_equal(tlsfo_conn_events(fixture.conn), POLLIN);
	assert_int_equal(tlsfo_conn_write(fixture.conn, "x", 1, SOON), TLSFO_E_INVALID_ARGUMENT);
	size_t taken = fixture.taken;
	size_t total = fixture_end(&fixture);
	/* The half-sent record went out whole. */
	assert_true(total >= taken && total - taken <= RECORD_MAX);
}

/* A refusal to negotiate anew is owed while the socket is full. */
static void refusal_waits_behind(void **state)
{
	struct fixture fixture;
	char buf[1];

	fixture_fill(&fixture, ask_then_sleep, *state);
	assert_int_equal(tlsfo_conn_read(fixture.conn, buf, 1, TLSFO_NOW), GNUTLS_E_AGAIN);
	fixture_wake(&fixture);
	client_send(fixture.conn, block + fixture.taken, TOTAL - fixture.taken);
	assert_int_equal(tlsfo_conn_shutdown(fixture.conn, SOON), 0);
	assert_int_equal(fixture_end(&fixture), TOTAL + ((size_t)1 << 30));
}

#define EACH(fact)                                                                                 \
	{#fact ", TLS 1.3", fact, NULL, NULL, tls13},                                              \
	{                                                                                          \
#fact ", TLS 1.2", fact, NULL, NULL, tls12                                         \
	}

int main(void)
{
	static char tls13[] = WAY_TLS13;
	static char tls12[] = WAY_TLS12;
	const struct CMUnitTest tests[] = {
		EACH(goes_on_with_the_same_bytes),
		EACH(reading_sends_on_too),
		EACH(close_notify_waits_behind),
		{"refusal_waits_behind, TLS 1.2", refusal_waits_behind, NULL, NULL, tls12},
	};

	return suite_run("the client keeps half-sent records", tests, suite_length(tests));
}
