/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any amount of data goes through the command in both directions at once, none waits for the other,
 * and not a byte is lost. */
#include "command/converse.h"
#include "command/hide_proc.h"
#include "command/run.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/program.h"
#include "support/suite.h"

#define CONNECT "connect", "-N", "--cafile", CERTS_DIR "/ca.pem"
#define TLS(v)	"NORMAL:-VERS-ALL:+VERS-TLS" v

#define ECHOED (UINT64_C(24) << 20)
/* A multiple of neither a page nor the command's buffers, so that they end up partly filled. */
#define RECORD	15000
#define FLOODED (UINT64_C(300) * RECORD)

static void assert_done(struct run *run)
{
	int status = run_wait(run);

	if (status != 0)
		fail_msg("status %d; the command says: %s", status, run->errors);
}

static void echo_over(int family, const char *host, const char *priority)
{
	struct peer_options options = {.family = family, .priority = priority};
	struct port_text port;
	struct peer peer;
	struct run run;

	peer_start(&peer, &options, peer_echo);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(CONNECT, host, port.text));
	converse(&run, ECHOED);
	assert_done(&run);
	peer_stop(&peer);
}

static void over_tls13(void **state)
{
	(void)state;
	echo_over(AF_INET, "127.0.0.1", TLS("1.3"));
}

static void over_tls12_and_ipv6(void **state)
{
	(void)state;
	echo_over(AF_INET6, "::1", TLS("1.2"));
}

static void through_narrow_buffers(void **state)
{
	(void)state;
	net_set_buffers(8192);
	echo_over(AF_INET, "127.0.0.1", NULL);
}

static void with_gnutls_serv(void **state)
{
	struct program server;
	struct port_text port;
	struct run run;

	(void)state;
	program_gnutls_serv(&server, NULL);
	port = run_port(server.port);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(CONNECT, "localhost", port.text));
	run_send(&run, "hello\n", 6);
	run_expect_output(&run, "hello\n", 6);
	run_end_input(&run);
	assert_done(&run);
	program_stop(&server);
}

static void *flood(void *arg)
{
	struct peer_conn *conn = arg;
	unsigned char buf[RECORD];

	for (uint64_t sent = 0; sent < FLOODED; sent += sizeof(buf)) {
		run_pattern(buf, sizeof(buf), sent);
		peer_send(conn, buf, sizeof(buf));
	}
	return NULL;
}

/* Sends and receives, neither waiting for the other, and tells when all has come. */
static void flood_and_listen(struct peer_conn *conn)
{
	unsigned char buf[RECORD];
	pthread_t sender;

	if (pthread_create(&sender, NULL, flood, conn) != 0)
		peer_fail("pthread_create", 0);
	for (uint64_t received = 0; received < FLOODED; received += sizeof(buf)) {
		peer_receive(conn, buf, sizeof(buf));
		if (!run_is_pattern(buf, sizeof(buf), received))
			peer_fail("wrong bytes", GNUTLS_E_RECORD_LIMIT_REACHED);
	}
	if (write(conn->test, "!", 1) != 1)
		peer_fail("write", 0);
	pthread_join(sender, NULL);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_listen(conn);
}

/* How the command is started, and on what. */
enum way { ON_PIPES, ON_PIPES_WITHOUT_PROC, ON_SOCKETS };

static void start_on_sockets(struct run *run, const char *const *args)
{
	int in[2];
	int out[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out), 0);
	run_start(run, in[1], out[1], args);
	close(in[1]);
	close(out[1]);
	run->in = in[0];
	run->out = out[0];
}

static const char written_before[5000];

/* The pipe holds something already, so that the command's buffers do not happen to fill it without
 * remainder. */
static void start_on_pipes(struct run *run, enum way way, const char *const *args)
{
	int out[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(
		write(out[1], written_before, sizeof(written_before)), sizeof(written_before));
	if (way == ON_PIPES_WITHOUT_PROC)
		run_start_without_proc(run, RUN_PIPE, out[1], args);
	else
		run_start(run, RUN_PIPE, out[1], args);
	close(out[1]);
	run->out = out[0];
}

/* Whoever feeds the command need not read what it writes meanwhile. */
static void feed_before_draining(enum way way)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;
	const char *args[] = {CONNECT, "127.0.0.1", NULL, NULL};
	char word;

	/* What the sockets can hold is far less than what is sent. */
	net_set_buffers(65536);
	peer_start(&peer, &options, flood_and_listen);
	port = run_port(peer.port);
	args[suite_length(args) - 2] = port.text;
	if (way == ON_SOCKETS)
		start_on_sockets(&run, args);
	else
		start_on_pipes(&run, way, args);
	converse_feed(&run, FLOODED);
	peer_hear(&peer, &word, 1);
	run_end_input(&run);
	if (way != ON_SOCKETS)
		run_expect_output(&run, written_before, sizeof(written_before));
	converse_drain(&run, FLOODED);
	assert_done(&run);
	peer_stop(&peer);
}

static void full_output_does_not_stop_the_input(void **state)
{
	(void)state;
	feed_before_draining(ON_PIPES);
}

static void nor_where_proc_is_missing(void **state)
{
	(void)state;
	feed_before_draining(ON_PIPES_WITHOUT_PROC);
}

static void nor_on_sockets(void **state)
{
	(void)state;
	feed_before_draining(ON_SOCKETS);
}

/* A pipe of 64 KiB, the command's buffer of 32 KiB, and a part of the seventh record. */
#define STORED (7 * RECORD)

static void send_what_is_stored(struct peer_conn *conn)
{
	unsigned char buf[RECORD];

	for (uint64_t sent = 0; sent < STORED; sent += sizeof(buf)) {
		run_pattern(buf, sizeof(buf), sent);
		peer_send(conn, buf, sizeof(buf));
	}
	if (write(conn->test, "!", 1) != 1)
		peer_fail("write", 0);
	peer_listen(conn);
}

/* What GnuTLS has decrypted is no longer seen on the socket. */
static void decrypted_data_is_not_forgotten(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;
	char data[STORED];
	char word;

	(void)state;
	peer_start(&peer, &options, send_what_is_stored);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	peer_hear(&peer, &word, 1);
	run_pattern(data, sizeof(data), 0);
	run_expect_output(&run, data, sizeof(data));
	run_end_input(&run);
	/* The peer ends without close_notify. */
	assert_int_equal(run_wait(&run), 5);
	peer_stop(&peer);
}

/* Sends all before it reads anything. */
static void flood_then_listen(struct peer_conn *conn)
{
	unsigned char buf[RECORD];

	flood(conn);
	for (uint64_t received = 0; received < FLOODED; received += sizeof(buf)) {
		peer_receive(conn, buf, sizeof(buf));
		if (!run_is_pattern(buf, sizeof(buf), received))
			peer_fail("wrong bytes", GNUTLS_E_RECORD_LIMIT_REACHED);
	}
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_listen(conn);
}

static void a_server_that_does_not_read_does_not_stop_the_output(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;

	(void)state;
	net_set_buffers(65536);
	peer_start(&peer, &options, flood_then_listen);
	port = run_port(peer.port);
	run_start(&run, RUN_PIPE, RUN_PIPE, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	converse(&run, FLOODED);
	assert_done(&run);
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_tls13),
		cmocka_unit_test(over_tls12_and_ipv6),
		cmocka_unit_test(through_narrow_buffers),
		cmocka_unit_test(with_gnutls_serv),
		cmocka_unit_test(full_output_does_not_stop_the_input),
		cmocka_unit_test(nor_where_proc_is_missing),
		cmocka_unit_test(nor_on_sockets),
		cmocka_unit_test(decrypted_data_is_not_forgotten),
		cmocka_unit_test(a_server_that_does_not_read_does_not_stop_the_output),
	};

	program_need("gnutls-serv");
	net_begin();
	if (!hide_is_permitted())
		suite_skip("this system does not let the test cover /proc/self/fd");
	return suite_run("data_moves_both_ways_at_once", tests, suite_length(tests));
}
