/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --timeout limits the connecting, --idle-timeout the silence afterwards; both end with status 6,
 * neither too early. */
#include "command/run.h"

#include <poll.h>
#include <sys/socket.h>

#include <tlsfo/client.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT "connect", "--cafile", CERTS_DIR "/ca.pem"

static void a_mute_server_is_left(void **state)
{
	struct peer_options options = {.family = AF_INET, .no_tls = true};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, peer_mute);
	port = run_port(peer.port);
	int64_t begun = tlsfo_now();
	run_command(&outcome, "", RUN_ARGS(CONNECT, "--timeout=0.3", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 6);
	assert_in_range(tlsfo_now() - begun, 300, RUN_PATIENCE_MS / 4);
	assert_int_equal(strncmp(outcome.err, "tlsfo: ", 7), 0);
	peer_stop(&peer);
}

static void silence_ends_the_session(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;
	int64_t begun = tlsfo_now();

	(void)state;
	peer_start(&peer, &options, peer_echo);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE,
		RUN_ARGS(CONNECT, "--idle-timeout=0.3", "127.0.0.1", port.text));
	assert_int_equal(run_wait(&run), 6);
	assert_in_range(tlsfo_now() - begun, 300, RUN_PATIENCE_MS / 4);
	assert_contains(run.errors, "nothing moved for 0.3 seconds");
	peer_stop(&peer);
}

/* Sends a byte every fifth of a second, for longer than the idle timeout in all. */
static void trickle(struct peer_conn *conn)
{
	for (int i = 0; i < 10; i++) {
		poll(NULL, 0, 200);
		peer_send(conn, "x", 1);
	}
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void a_slow_server_is_not_silent(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, trickle);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "--idle-timeout=1.5", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, "xxxxxxxxxx");
	peer_stop(&peer);
}

/* A reader that does not read stops the bytes as well as a server that does not send. */
static void flood(struct peer_conn *conn)
{
	char buf[16384] = "";

	while (gnutls_record_send(conn->session, buf, sizeof(buf)) > 0)
		continue;
}

static void a_stuck_reader_is_left(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;

	(void)state;
	peer_start(&peer, &options, flood);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE,
		RUN_ARGS(CONNECT, "--idle-timeout=0.5", "127.0.0.1", port.text));
	assert_int_equal(run_wait(&run), 6);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mute_server_is_left),
		cmocka_unit_test(silence_ends_the_session),
		cmocka_unit_test(a_slow_server_is_not_silent),
		cmocka_unit_test(a_stuck_reader_is_left),
	};

	return suite_run("deadlines_exit_6", tests, suite_length(tests));
}
