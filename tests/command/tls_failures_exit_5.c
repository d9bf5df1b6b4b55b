/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When TLS fails the status is 5: before the session is up, and after. */
#include "command/run.h"

#include <sys/socket.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT "connect", "--cafile", CERTS_DIR "/ca.pem"

static void no_common_version(void **state)
{
	struct peer_options options = {
		.family = AF_INET, .priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, peer_echo);
	port = run_port(peer.port);
	run_command(&outcome, "",
		RUN_ARGS(CONNECT, "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "127.0.0.1",
			port.text));
	assert_int_equal(outcome.status, 5);
	assert_contains(outcome.err, "failed: ");
	peer_stop(&peer);
}

/* Answers in another language. */
static void speak_plainly(struct peer_conn *conn)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	char hello[16384];

	if (read(conn->fd, hello, sizeof(hello)) > 0)
		peer_send(conn, text, strlen(text));
	peer_mute(conn);
}

static void a_server_without_tls(void **state)
{
	struct peer_options options = {.family = AF_INET, .no_tls = true};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, speak_plainly);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 5);
	assert_int_equal(outcome.length, 0);
	peer_stop(&peer);
}

/* Reads the ClientHello and goes. */
static void hang_up(struct peer_conn *conn)
{
	char hello[16384];

	if (read(conn->fd, hello, sizeof(hello)) < 0)
		peer_fail("read", 0);
}

static void a_server_that_hangs_up(void **state)
{
	struct peer_options options = {.family = AF_INET, .no_tls = true};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, hang_up);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 5);
	peer_stop(&peer);
}

/* With TLS 1.3 a client certificate is refused when the client is already at work. */
static void refuse_after_the_handshake(struct peer_conn *conn)
{
	gnutls_alert_send(conn->session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REQUIRED);
	peer_mute(conn);
}

static void an_alert_after_the_handshake(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, refuse_after_the_handshake);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 5);
	assert_contains(outcome.err, "tlsfo: 127.0.0.1: ");
	assert_contains(outcome.err, "alert");
	peer_stop(&peer);
}

/* Says something and resets the connection. */
static void reset(struct peer_conn *conn)
{
	struct linger linger = {.l_onoff = 1};

	peer_send(conn, "last words\n", 11);
	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static void a_reset(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;

	(void)state;
	peer_start(&peer, &options, reset);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	run_expect_output(&run, "last words\n", 11);
	assert_int_equal(run_wait(&run), 5);
	assert_contains(run.errors, "Connection reset by peer");
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_common_version),
		cmocka_unit_test(a_server_without_tls),
		cmocka_unit_test(a_server_that_hangs_up),
		cmocka_unit_test(an_alert_after_the_handshake),
		cmocka_unit_test(a_reset),
	};

	return suite_run("tls_failures_exit_5", tests, suite_length(tests));
}
