/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The status shows how a conversation ended: 0 only when the server closed and nothing can be
 * missing at either end.
 */
#include "command/converse.h"
#include "command/run.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT "connect", "--cafile", CERTS_DIR "/ca.pem"

struct scene {
	struct peer peer;
	struct port_text port;
	const char *args[9];
};

static void set_scene(struct scene *scene, peer_body body, const char *priority)
{
	struct peer_options options = {.family = AF_INET, .priority = priority};
	const char *const args[] = {CONNECT, "127.0.0.1"};

	peer_start(&scene->peer, &options, body);
	scene->port = run_port(scene->peer.port);
	memset(scene->args, 0, sizeof(scene->args));
	memcpy(scene->args, args, sizeof(args));
	scene->args[suite_length(args)] = scene->port.text;
}

static void half_close(struct scene *scene)
{
	const char **last = scene->args;

	while (*last != NULL)
		last++;
	*last = "--half-close";
}

/* Hears what the body said about the end of input. */
static char heard(struct scene *scene)
{
	char word;

	peer_hear(&scene->peer, &word, 1);
	return word;
}

/* ------------------------------------------------------------------------- the server ends -- */

/* Some servers of HTTP/1.0 end so: all has come, or not, who knows. */
static void send_and_vanish(struct peer_conn *conn)
{
	unsigned char buf[100000];

	run_pattern(buf, sizeof(buf), 0);
	peer_send(conn, buf, sizeof(buf));
	shutdown(conn->fd, SHUT_WR);
	peer_mute(conn);
}

static void without_close_notify_it_is_5_after_all_that_came(void **state)
{
	static const char *const priorities[] = {
		"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
	struct scene scene;
	struct run run;

	(void)state;
	for (size_t i = 0; i < suite_length(priorities); i++) {
		set_scene(&scene, send_and_vanish, priorities[i]);
		run_start(&run, RUN_PIPE, RUN_PIPE, scene.args);
		converse_drain(&run, 100000);
		assert_int_equal(run_wait(&run), 5);
		assert_contains(run.errors, "without close_notify");
		peer_stop(&scene.peer);
	}
}

/* Answers before it has read, as a server does to a request that is too large. */
static void answer_and_close(struct peer_conn *conn)
{
	char buf[1000];

	peer_receive(conn, buf, sizeof(buf));
	peer_send(conn, "too large\n", 10);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void with_input_left_it_is_5(void **state)
{
	struct scene scene;
	struct run run;
	int file = run_file();

	(void)state;
	assert_int_equal(ftruncate(file, 64 << 20), 0);
	net_set_buffers(65536);
	set_scene(&scene, answer_and_close, NULL);
	run_start(&run, file, RUN_PIPE, scene.args);
	run_expect_output(&run, "too large\n", 10);
	assert_int_equal(run_wait(&run), 5);
	assert_contains(run.errors, "before it had taken all input");
	close(file);
	peer_stop(&scene.peer);
}

/* The same, but the connection goes too: what was said before is still heard. */
static void answer_and_reset(struct peer_conn *conn)
{
	const int on = 1;
	char buf[1000];

	/* A close with unread data drops what Nagle's algorithm holds back. */
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peer_receive(conn, buf, sizeof(buf));
	/* Until the buffers are full and the client holds a record that is half sent, which nothing
	 * tells. */
	poll(NULL, 0, 300);
	/* What is not data does not hide the data behind it. */
	gnutls_session_key_update(conn->session, 0);
	peer_send(conn, "too large\n", 10);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

static void after_a_reset_the_answer_is_still_heard(void **state)
{
	struct scene scene;
	struct run run;
	int file = run_file();

	(void)state;
	assert_int_equal(ftruncate(file, 64 << 20), 0);
	net_set_buffers(65536);
	set_scene(&scene, answer_and_reset, NULL);
	run_start(&run, file, RUN_PIPE, scene.args);
	run_expect_output(&run, "too large\n", 10);
	assert_int_equal(run_wait(&run), 5);
	close(file);
	peer_stop(&scene.peer);
}

/* Nobody gets an answer here. */
static void reset_while_receiving(struct peer_conn *conn)
{
	char buf[1000];

	peer_receive(conn, buf, sizeof(buf));
	poll(NULL, 0, 300);
}

static void a_reset_while_sending_is_5_and_named(void **state)
{
	struct scene scene;
	struct run run;
	int file = run_file();

	(void)state;
	assert_int_equal(ftruncate(file, 64 << 20), 0);
	net_set_buffers(65536);
	set_scene(&scene, reset_while_receiving, NULL);
	run_start(&run, file, RUN_PIPE, scene.args);
	assert_int_equal(run_wait(&run), 5);
	assert_contains(run.errors, "Connection reset by peer");
	close(file);
	peer_stop(&scene.peer);
}

/* Node.js does so to a close_notify right behind the request. */
static void close_without_an_answer(struct peer_conn *conn)
{
	char buf[3];

	peer_receive(conn, buf, sizeof(buf));
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void without_an_answer_it_is_5(void **state)
{
	struct scene scene;
	struct outcome outcome;

	(void)state;
	set_scene(&scene, close_without_an_answer, NULL);
	run_command(&outcome, "all", scene.args);
	assert_int_equal(outcome.status, 5);
	assert_contains(outcome.err, "without an answer\n");
	half_close(&scene);
	run_command(&outcome, "all", scene.args);
	assert_int_equal(outcome.status, 5);
	assert_contains(outcome.err, "without an answer, perhaps because of --half-close");
	peer_stop(&scene.peer);
}

/* Servers in Java close so (RFC 8446 section 6.1). */
static void cancel_and_close(struct peer_conn *conn)
{
	char buf[3];

	peer_receive(conn, buf, sizeof(buf));
	peer_send(conn, "answer\n", 7);
	gnutls_alert_send(conn->session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void with_user_canceled_before_close_notify_it_is_0(void **state)
{
	static const char *const priorities[] = {
		"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
	struct scene scene;
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < suite_length(priorities); i++) {
		set_scene(&scene, cancel_and_close, priorities[i]);
		run_command(&outcome, "all", scene.args);
		if (outcome.status != 0)
			fail_msg("status %d: %s", outcome.status, outcome.err);
		assert_string_equal(outcome.out, "answer\n");
		peer_stop(&scene.peer);
	}
}

static void greet_and_close(struct peer_conn *conn)
{
	peer_send(conn, "bye\n", 4);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

/* Nobody has to end the input by hand when the server is gone. */
static void with_silent_input_it_is_0(void **state)
{
	struct scene scene;
	struct run run;

	(void)state;
	set_scene(&scene, greet_and_close, NULL);
	run_start(&run, RUN_PIPE, RUN_PIPE, scene.args);
	run_expect_output(&run, "bye\n", 4);
	assert_int_equal(run_wait(&run), 0);
	peer_stop(&scene.peer);
}

/* ------------------------------------------------------------------------- the command ends -- */

/* Says whether the input ended with close_notify (0) or was cut off (-). */
static void tell_the_end(struct peer_conn *conn)
{
	char buf[4096];
	ssize_t n;
	char word;

	peer_send(conn, "hello\n", 6);
	do
		n = gnutls_record_recv(conn->session, buf, sizeof(buf));
	while (n > 0 || n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	word = n == 0 ? '0' : '-';
	if (write(conn->test, &word, 1) != 1)
		peer_fail("write", 0);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
}

static void a_complete_input_is_closed(void **state)
{
	struct scene scene;
	struct outcome outcome;

	(void)state;
	set_scene(&scene, tell_the_end, NULL);
	half_close(&scene);
	run_command(&outcome, "all", scene.args);
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_string_equal(outcome.out, "hello\n");
	assert_int_equal(heard(&scene), '0');
	peer_stop(&scene.peer);
}

static void a_full_disk_is_1(void **state)
{
	struct scene scene;
	struct run run;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(full >= 0);
	set_scene(&scene, tell_the_end, NULL);
	run_start(&run, RUN_PIPE, full, scene.args);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard output: No space left on device");
	/* The input was not over, so the server must not be told that it is. */
	assert_int_equal(heard(&scene), '-');
	close(full);
	peer_stop(&scene.peer);
}

/* As in "tlsfo connect ... | head -1". */
static void a_reader_that_goes_is_1(void **state)
{
	struct scene scene;
	struct run run;

	(void)state;
	set_scene(&scene, tell_the_end, NULL);
	run_start(&run, RUN_PIPE, RUN_PIPE, scene.args);
	run_expect_output(&run, "hello\n", 6);
	close(run.out);
	run.out = -1;
	/* Not only when there is something to write, which may never be. */
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard output: Broken pipe");
	assert_int_equal(heard(&scene), '-');
	peer_stop(&scene.peer);
}

static void an_input_that_cannot_be_read_is_1(void **state)
{
	struct scene scene;
	struct run run;
	int directory = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(directory >= 0);
	set_scene(&scene, tell_the_end, NULL);
	run_start(&run, directory, RUN_PIPE, scene.args);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard input: Is a directory");
	assert_int_equal(heard(&scene), '-');
	close(directory);
	peer_stop(&scene.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_close_notify_it_is_5_after_all_that_came),
		cmocka_unit_test(with_input_left_it_is_5),
		cmocka_unit_test(after_a_reset_the_answer_is_still_heard),
		cmocka_unit_test(a_reset_while_sending_is_5_and_named),
		cmocka_unit_test(without_an_answer_it_is_5),
		cmocka_unit_test(with_user_canceled_before_close_notify_it_is_0),
		cmocka_unit_test(with_silent_input_it_is_0),
		cmocka_unit_test(a_complete_input_is_closed),
		cmocka_unit_test(a_full_disk_is_1),
		cmocka_unit_test(a_reader_that_goes_is_1),
		cmocka_unit_test(an_input_that_cannot_be_read_is_1),
	};

	return suite_run("ends_are_told_apart", tests, suite_length(tests));
}
