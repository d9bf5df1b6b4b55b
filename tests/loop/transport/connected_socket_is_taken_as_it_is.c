/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With TLSFO_TRANSPORT_IF_UNCONNECTED one line serves every socket: one that is connected or connecting, or a socket pair
 * of which the other end leads to the server, carries the session as it is, without a SYN; a fresh one is
 * connected with the hello in the SYN.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

enum socket_kind { FRESH, CONNECTED, CONNECTING, PAIR };

static const struct row {
	struct way_fact fact;
	enum socket_kind kind;
} rows[] = {
	{{"a fresh socket is connected", WAY_ALL}, FRESH},
	{{"a connected socket is taken as it is", WAY_ALL}, CONNECTED},
	{{"a connecting socket is taken as it is", WAY_NONBLOCKING}, CONNECTING},
	{{"a socket pair is taken as it is", WAY_ALL}, PAIR},
};

/* Copies what comes from one end to the other until one ends. */
static void relay(int near, int far)
{
	struct pollfd ends[2] = {{near, POLLIN, 0}, {far, POLLIN, 0}};
	char buf[4096];

	while (poll(ends, 2, -1) > 0) {
		for (int i = 0; i < 2; i++) {
			if (ends[i].revents == 0)
				continue;
			ssize_t n = recv(ends[i].fd, buf, sizeof(buf), 0);
			if (n <= 0 || send(ends[1 - i].fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
				return;
		}
	}
}

static pid_t make_pair(struct visit *visit, const struct way *way, int server)
{
	int ends[2];
	int type = SOCK_STREAM | SOCK_CLOEXEC | (way->blocking ? 0 : SOCK_NONBLOCK);

	assert_int_equal(socketpair(AF_UNIX, type, 0, ends), 0);
	close(visit->fd);
	visit->fd = ends[0];
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		relay(ends[1], server);
		_exit(0);
	}
	close(ends[1]);
	return pid;
}

static void test(void **state)
{
	const struct way *way = *state;
	const struct row *row = way->row;
	struct sockaddr_storage address;
	struct peer peer;
	struct visit visit;
	pid_t pid = -1;

	kernel_fetch_cookie(way->family);
	if (row->kind == CONNECTING)
		net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	socklen_t len = net_loopback(way->family, peer.port, &address);
	visit_prepare(&visit, way, peer.port);
	int fd = row->kind == PAIR ? net_socket(way->family, true) : visit.fd;
	if (row->kind != FRESH) {
		int ret = connect(fd, (struct sockaddr *)&address, len);
		assert_true(ret == 0 || errno == EINPROGRESS);
	}
	if (row->kind == PAIR) {
		pid = make_pair(&visit, way, fd);
		close(fd);
	}
	unsigned int flags = way->engine | TLSFO_TRANSPORT_IF_UNCONNECTED;
	/* The address is only needed where something is to be connected. Called again, it changes nothing. */
	if (row->kind == PAIR)
		assert_int_equal(
			tlsfo_transport_set_fastopen(visit.session, visit.fd, NULL, 0, flags), 0);
	visit_attach(&visit, way, TLSFO_TRANSPORT_IF_UNCONNECTED);
	visit.asks_for_fd = way->engine == TLSFO_TRANSPORT_SOCKET || row->kind != FRESH;
	assert_int_equal(visit_handshake(&visit), 0);
	visit_echo(&visit);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.error, 0);
	assert_int_equal(report.fast_open,
		row->kind == FRESH ? TLSFO_FAST_OPEN_ACKNOWLEDGED : TLSFO_FAST_OPEN_OFF);
	/* Whatever is behind a socket pair, it is not the address that was given. */
	assert_int_equal(report.family, row->kind == PAIR ? 0 : way->family);
	assert_string_equal(report.address, row->kind == PAIR	     ? ""
					    : way->family == AF_INET ? "127.0.0.1"
								     : "::1");
	assert_int_equal(gnutls_transport_get_int(visit.session), visit.fd);
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd, NULL, 0, flags),
		TLSFO_E_IN_USE);
	visit_close(&visit);
	if (pid > 0)
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	peer_stop(&peer);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run_rows("a connected socket is taken as it is", test, rows, sizeof(rows[0]),
		suite_length(rows));
}
