/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* At the end of input nothing is sent, because many servers drop the rest of their answer then, and
 * reading goes on until the server closes. With --half-close the server is told by close_notify. One
 * that is silent because it waits for that does not leave the user without a word. */
#include "command/run.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT	 "connect", "--cafile", CERTS_DIR "/ca.pem"
#define QUESTION "question\n"
#define ANSWER	 "answer\n"

static void receive_question(struct peer_conn *conn)
{
	char buf[sizeof(QUESTION) - 1];

	peer_receive(conn, buf, sizeof(buf));
	if (memcmp(buf, QUESTION, sizeof(buf)) != 0)
		peer_fail("another question", GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER);
}

/* Waits for the end, then speaks. */
static void answer_after_the_end(struct peer_conn *conn)
{
	char more;
	ssize_t n;

	receive_question(conn);
	do
		n = gnutls_record_recv(conn->session, &more, 1);
	while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
	if (n != 0)
		peer_fail("no close_notify", (int)n);
	peer_send(conn, ANSWER, strlen(ANSWER));
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void the_server_is_told_and_answers(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, answer_after_the_end);
	port = run_port(peer.port);
	run_command(&outcome, QUESTION, RUN_ARGS(CONNECT, "--half-close", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, ANSWER);
	peer_stop(&peer);
}

/* Answers only as long as the client has not closed: nothing may come for some time. */
static void answer_unless_closed(struct peer_conn *conn)
{
	struct pollfd pfd = {.fd = conn->fd, .events = POLLIN};

	receive_question(conn);
	for (size_t i = 0; i < strlen(ANSWER); i++)
		if (gnutls_record_check_pending(conn->session) == 0 && poll(&pfd, 1, 100) == 0)
			peer_send(conn, &ANSWER[i], 1);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void the_answer_is_read_to_its_end(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, answer_unless_closed);
	port = run_port(peer.port);
	run_command(&outcome, QUESTION, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, ANSWER);

	/* The early input is what ends here. */
	run_command(&outcome, QUESTION, RUN_ARGS(CONNECT, "--early-data", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, ANSWER);

	run_command(&outcome, QUESTION, RUN_ARGS(CONNECT, "-N", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 5);
	assert_string_equal(outcome.out, "");
	peer_stop(&peer);
}

/* An echo waits for the end. What it has said already does not change that. */
static void a_silent_server_is_told_of(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, peer_echo);
	port = run_port(peer.port);
	run_command(
		&outcome, QUESTION, RUN_ARGS(CONNECT, "--idle-timeout=4", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 6);
	assert_string_equal(outcome.out, QUESTION);
	assert_contains(outcome.err, "--half-close (-N)");
	peer_stop(&peer);
}

/* Nobody asked and nobody speaks: the end is as good as any other. */
static void without_input_a_silent_server_is_left(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, peer_echo);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, "");
	assert_null(strstr(outcome.err, "--half-close"));
	peer_stop(&peer);
}

static void speak_first(struct peer_conn *conn)
{
	peer_send(conn, ANSWER, strlen(ANSWER));
	peer_echo(conn);
}

/* What a server has begun to say may go on. */
static void without_input_a_server_that_speaks_is_heard(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, speak_first);
	port = run_port(peer.port);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "--idle-timeout=4", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 6);
	assert_string_equal(outcome.out, ANSWER);
	assert_contains(outcome.err, "--half-close (-N)");
	run_command(&outcome, "", RUN_ARGS(CONNECT, "-N", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, ANSWER);
	peer_stop(&peer);
}

/* Begins to read when the client can send no more, as far as that can be told. */
static void count_late(struct peer_conn *conn)
{
	char buf[16384];
	uint32_t count = 0;
	ssize_t n;

	poll(NULL, 0, 20);
	while ((n = gnutls_record_recv(conn->session, buf, sizeof(buf))) != 0) {
		if (n > 0)
			count += (uint32_t)n;
		else if (gnutls_error_is_fatal((int)n))
			peer_fail("no close_notify", (int)n);
	}
	if (write(conn->test, &count, sizeof(count)) != (ssize_t)sizeof(count))
		peer_fail("write", 0);
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

/* At one of the sizes the input just fits and close_notify has to wait for room. */
static void close_notify_waits_for_room(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct port_text port;
	struct peer peer;
	struct run run;
	uint32_t count;

	(void)state;
	net_set_buffers(16384);
	peer_start(&peer, &options, count_late);
	port = run_port(peer.port);
	for (uint32_t size = 4096; size <= 131072; size += 4096) {
		int file = run_file();

		assert_int_equal(ftruncate(file, size), 0);
		run_start(&run, file, RUN_PIPE, RUN_ARGS(CONNECT, "-N", "127.0.0.1", port.text));
		close(file);
		peer_hear(&peer, &count, sizeof(count));
		assert_int_equal(count, size);
		assert_int_equal(run_wait(&run), 5); /* there is no answer */
	}
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_is_told_and_answers),
		cmocka_unit_test(the_answer_is_read_to_its_end),
		cmocka_unit_test(a_silent_server_is_told_of),
		cmocka_unit_test(without_input_a_silent_server_is_left),
		cmocka_unit_test(without_input_a_server_that_speaks_is_heard),
		cmocka_unit_test(close_notify_waits_for_room),
	};

	return suite_run("end_of_input_is_not_sent", tests, suite_length(tests));
}
