/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Every socket keeps the failure that reading took off it. The report knows it all the same, also
 * when many sockets have failed by then, and in another thread than the one that read; a new socket
 * by the same descriptor has none.
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "support/dial.h"
#include "support/peer.h"
#include "support/visit.h"

enum { MANY = 40 };

static struct visit visits[MANY];

static void hang_up(struct peer_conn *conn)
{
	const struct linger abortive = {1, 0};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &abortive, sizeof(abortive));
}

static void *read_all(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < MANY; i++) {
		char buf[16];
		ssize_t n;

		/* The server's tickets may stand before it. */
		do
			n = gnutls_record_recv(visits[i].session, buf, sizeof(buf));
		while (n == GNUTLS_E_AGAIN);
	}
	return NULL;
}

static void test(void **state)
{
	const struct way *way = *state;
	pthread_t thread;
	struct peer peer;
	struct visit next;

	peer_start(&peer, &(struct peer_options){.family = way->family}, hang_up);
	for (size_t i = 0; i < MANY; i++) {
		visit_open(&visits[i], way, peer.port);
		assert_int_equal(visit_handshake(&visits[i]), GNUTLS_E_SUCCESS);
		dial_wait(visits[i].fd, POLLHUP);
	}
	assert_int_equal(pthread_create(&thread, NULL, read_all, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(visit_report(&visits[i]).system_error, ECONNRESET);

	int fd = visits[0].fd;
	visit_close(&visits[0]);
	visit_open(&next, way, peer.port);
	assert_int_equal(next.fd, fd);
	assert_int_equal(visit_handshake(&next), GNUTLS_E_SUCCESS);
	assert_int_equal(visit_report(&next).system_error, 0);
	visit_close(&next);
	for (size_t i = 1; i < MANY; i++)
		visit_close(&visits[i]);
	peer_stop(&peer);
}

int main(void)
{
	return way_run("every socket keeps its failure", test, WAY_IPV4 | WAY_ONLY_TLS13);
}
