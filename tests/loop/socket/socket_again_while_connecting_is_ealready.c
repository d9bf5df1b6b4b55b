/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * While a non-blocking socket connects, calling again says EALREADY, tlsfo_socket_connected() says
 * EINPROGRESS, and neither disturbs the connection. Once it is connected, calling again says
 * EISCONN.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static void check_connecting(const struct dial *dial, int fd, uint16_t port)
{
	assert_true(kernel_facts(fd).connecting);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(dial_fastopen(dial, fd, port, "more", 4), -1);
		assert_int_equal(errno, EALREADY);
		assert_int_equal(dial_connect(dial, fd, port), -1);
		assert_int_equal(errno, EALREADY);
		errno = 0;
		assert_int_equal(tlsfo_socket_connected(fd), 0);
		assert_int_equal(errno, EINPROGRESS);
	}
	assert_true(kernel_facts(fd).connecting);
}

static void check_connected(const struct dial *dial, int fd, uint16_t port)
{
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	/* The first connect(2) after EINPROGRESS tells the result, further calls say EISCONN. */
	int ret = dial_connect(dial, fd, port);
	assert_true(ret == 0 || errno == EISCONN);
	assert_int_equal(dial_connect(dial, fd, port), -1);
	assert_int_equal(errno, EISCONN);
	assert_int_equal(dial_fastopen(dial, fd, port, "more", 4), -1);
	assert_int_equal(errno, EISCONN);
	assert_int_equal(tlsfo_socket_connected(fd), 1);
}

/* How the first call goes: without data, without a cookie, or with data in the SYN. */
enum first { PLAIN, ASKING, WITH_DATA };

static void check(const struct dial *dial, enum first first)
{
	struct peer peer;
	int fd = dial_socket(dial);

	if (first == WITH_DATA)
		kernel_fetch_cookie(dial->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	if (first == WITH_DATA) {
		assert_int_equal(dial_fastopen(dial, fd, peer.port, "data", 4), 4);
	} else {
		assert_int_equal(first == PLAIN ? dial_connect(dial, fd, peer.port)
						: dial_fastopen(dial, fd, peer.port, "data", 4),
			-1);
		assert_int_equal(errno, EINPROGRESS);
	}
	check_connecting(dial, fd, peer.port);
	dial_wait(fd, POLLOUT);
	check_connected(dial, fd, peer.port);
	if (first != WITH_DATA)
		assert_int_equal(send(fd, "data", 4, MSG_NOSIGNAL), 4);
	/* Nothing of what was refused is on the way. */
	dial_expect(fd, "data", 4);
	shutdown(fd, SHUT_WR);
	dial_wait(fd, POLLIN);
	char more;
	assert_int_equal(read(fd, &more, 1), 0);
	close(fd);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct dial *dial = *state;

	check(dial, PLAIN);
	net_fresh();
	check(dial, ASKING);
	net_fresh();
	check(dial, WITH_DATA);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return dial_run_nonblocking("again while connecting is EALREADY", test);
}
