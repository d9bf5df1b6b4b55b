/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* At the end of input the server is told by close_notify and may go on speaking; with
 * --no-half-close it is not told. */
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
	static const char *const engines[] = {"--engine=socket", "--engine=gnutls"};
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, answer_after_the_end);
	port = run_port(peer.port);
	for (size_t i = 0; i < suite_length(engines); i++) {
		run_command(
			&outcome, QUESTION, RUN_ARGS(CONNECT, engines[i], "127.0.0.1", port.text));
		assert_int_equal(outcome.status, 0);
		assert_string_equal(outcome.out, ANSWER);
	}
	peer_stop(&peer);
}

/* Answers only while the client has not closed: nothing may come for some time. */
static void answer_unless_closed(struct peer_conn *conn)
{
	struct pollfd pfd = {.fd = conn->fd, .events = POLLIN};

	receive_question(conn);
	if (gnutls_record_check_pending(conn->session) == 0 && poll(&pfd, 1, 500) == 0)
		peer_send(conn, ANSWER, strlen(ANSWER));
	gnutls_bye(conn->session, GNUTLS_SHUT_WR);
	peer_mute(conn);
}

static void the_direction_stays_open_when_wanted(void **state)
{
	struct peer_options options = {.family = AF_INET};
	struct outcome outcome;
	struct port_text port;
	struct peer peer;

	(void)state;
	peer_start(&peer, &options, answer_unless_closed);
	port = run_port(peer.port);
	run_command(
		&outcome, QUESTION, RUN_ARGS(CONNECT, "--no-half-close", "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, ANSWER);

	run_command(&outcome, QUESTION, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.out, "");
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
		run_start(&run, file, RUN_PIPE, RUN_ARGS(CONNECT, "127.0.0.1", port.text));
		close(file);
		peer_hear(&peer, &count, sizeof(count));
		assert_int_equal(count, size);
		assert_int_equal(run_wait(&run), 0);
	}
	peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_is_told_and_answers),
		cmocka_unit_test(the_direction_stays_open_when_wanted),
		cmocka_unit_test(close_notify_waits_for_room),
	};

	return suite_run("end_of_input_half_closes", tests, suite_length(tests));
}
