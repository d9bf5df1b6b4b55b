/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An answer that has arrived behind tickets is read by the first call, with TLSFO_NOW too: an
 * epoll(7) descriptor with EPOLLET says nothing more of it. A server that sends nothing but tickets
 * keeps no call beyond its deadline. Where there is nothing the read itself tells, and no poll is made.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

#define ANSWER "fair and mild\n"
/* Of a socket's buffer, and what of it is full of tickets when the client begins to read. */
#define BUFFER (1U << 20)
#define FULL   (300 << 10)

static unsigned int polls;

/* In place of the library's and the C library's. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	struct timespec limit = {timeout / 1000, (long)timeout % 1000 * 1000000};

	polls++;
	return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &limit, NULL, 8);
}

static void send_tickets(struct peer_conn *conn, unsigned int count)
{
	int ret = gnutls_session_ticket_send(conn->session, count, 0);

	if (ret < 0)
		peer_fail("ticket", ret);
}

static void answer_behind_tickets(struct peer_conn *conn)
{
	const int on = 1;

	/* What waits for an acknowledgement has not arrived. */
	setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (int i = 0; i < 5; i++)
		send_tickets(conn, 1);
	peer_send(conn, ANSWER, strlen(ANSWER));
	if (write(conn->test, "x", 1) != 1)
		peer_fail("write", 0);
	peer_listen(conn);
}

static void check_answer(const struct way *way, int64_t deadline)
{
	const struct peer_options options = {.family = way->family, .tickets = true};
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	char buf[64] = "";

	peer_start(&peer, &options, answer_behind_tickets);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	/* Everything is there. */
	peer_hear(&peer, buf, 1);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), deadline), strlen(ANSWER));
	assert_memory_equal(buf, ANSWER, strlen(ANSWER));
	polls = 0;
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW), GNUTLS_E_AGAIN);
	assert_int_equal(polls, 0);
	client_close(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void answered(void **state)
{
	const struct way *way = *state;

	check_answer(way, TLSFO_NOW);
	/* One that is over. */
	check_answer(way, tlsfo_now() - 1);
	check_answer(way, tlsfo_deadline_in(CLIENT_PATIENCE_MS));
}

static void flood(struct peer_conn *conn)
{
	while (gnutls_session_ticket_send(conn->session, 20, 0) >= 0)
		continue;
}

static int waiting(const struct tlsfo_conn *conn)
{
	int bytes = 0;

	assert_int_equal(ioctl(tlsfo_conn_fd(conn), FIONREAD, &bytes), 0);
	return bytes;
}

static void flooded(void **state)
{
	const struct way *way = *state;
	const struct peer_options options = {.family = way->family, .tickets = true};
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	char buf[64];

	net_set_buffers(BUFFER);
	peer_start(&peer, &options, flood);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	while (waiting(conn) < FULL)
		poll(NULL, 0, 10);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW), GNUTLS_E_AGAIN);
	assert_true(waiting(conn) > 0);
	/* Reading all of it takes some hundred times as long. */
	assert_int_equal(
		tlsfo_conn_read(conn, buf, sizeof(buf), tlsfo_deadline_in(1)), GNUTLS_E_TIMEDOUT);
	assert_true(waiting(conn) > 0);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static struct way way = {AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false};
	const struct CMUnitTest tests[] = {
		{"an answer behind them", answered, NULL, NULL, &way},
		{"nothing but tickets", flooded, NULL, NULL, &way},
	};

	return suite_run("an answer behind tickets is read at once", tests, suite_length(tests));
}
