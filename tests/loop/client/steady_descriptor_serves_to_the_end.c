/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With tlsfo_conn_set_steady_fd() a loop watches one descriptor for reading, once, from the beginning to the end: while
 * addresses are raced, while the connection is open, and while a record waits for room in the socket.
 */

#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "support/client.h"
#include "support/net.h"
#include "support/peer.h"

enum { BUFFERS = 4096, MUCH = 1 << 20, PAUSE_MS = 200, WAKE_UPS_MOST = 20000 };

static unsigned int wake_ups;

/* The program's own epoll descriptor, told once. */
static int watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	assert_true(epoll >= 0);
	assert_int_equal(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
	return epoll;
}

static void wait_for(int epoll, struct tlsfo_conn *conn, int fd)
{
	struct epoll_event event;
	int64_t due = tlsfo_conn_deadline(conn);
	int64_t left = due == TLSFO_NEVER ? CLIENT_PATIENCE_MS : due - tlsfo_now();

	assert_int_equal(tlsfo_conn_fd(conn), fd);
	assert_int_equal(tlsfo_conn_events(conn), POLLIN);
	int n = epoll_wait(epoll, &event, 1, left > 0 ? (int)left : 0);
	assert_true(n > 0 || due != TLSFO_NEVER);
	assert_true(++wake_ups < WAKE_UPS_MOST);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;
	char service[8];
	int ret;

	wake_ups = 0;
	net_set_buffers(BUFFERS);
	peer_start(&peer, &(struct peer_options){.family = AF_INET, .priority = way->priority},
		peer_echo);
	snprintf(service, sizeof(service), "%u", (unsigned int)peer.port);
	/* Its IPv6 address refuses. */
	assert_int_equal(tlsfo_conn_new(config, "both.test", service, &conn), 0);
	assert_int_equal(tlsfo_conn_set_servername(conn, "localhost"), 0);
	assert_int_equal(tlsfo_conn_set_steady_fd(conn), 0);
	assert_int_equal(tlsfo_conn_begin(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
	int fd = tlsfo_conn_fd(conn);
	int epoll = watch(fd);
	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN)
		wait_for(epoll, conn, fd);
	assert_int_equal(ret, 0);
	assert_true(wake_ups < 100);
	/* The server stops reading because nobody reads its answer, so that writing has to wait. */
	char *data = malloc(MUCH);
	assert_non_null(data);
	memset(data, 'x', MUCH);
	pid_t pause = peer_pause(&peer, PAUSE_MS);
	size_t sent = 0;
	size_t got = 0;
	while (got < MUCH) {
		char buf[16384];
		ssize_t n = sent < MUCH
				    ? tlsfo_conn_write(conn, data + sent, MUCH - sent, TLSFO_NOW)
				    : 0;

		assert_true(n >= 0 || n == GNUTLS_E_AGAIN);
		sent += n > 0 ? (size_t)n : 0;
		n = tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW);
		assert_true(n > 0 || n == GNUTLS_E_AGAIN);
		got += n > 0 ? (size_t)n : 0;
		if (n < 0)
			wait_for(epoll, conn, fd);
	}
	peer_pause_end(pause);
	/* Nothing more is to come, and nobody is woken. */
	struct pollfd quiet = {.fd = epoll, .events = POLLIN};
	assert_int_equal(poll(&quiet, 1, 0), 0);
	free(data);
	client_close(conn);
	close(epoll);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_names();
	return way_run("steady descriptor serves to the end", test,
		WAY_SOCKET | WAY_IPV4 | WAY_NONBLOCKING);
}
