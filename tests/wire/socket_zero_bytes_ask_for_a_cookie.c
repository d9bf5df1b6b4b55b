/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A connect with no data asks for a cookie, with a NULL buffer too, and the next connection's SYN
 * carries data: so a program gets a cookie ahead of need.
 */

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/peer.h"

static void ask(const struct dial *dial, uint16_t port)
{
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, port, NULL, 0);

	if (dial->blocking) {
		assert_int_equal(n, 0);
	} else {
		assert_int_equal(n, -1);
		assert_true(errno == EINPROGRESS || errno == EWOULDBLOCK);
	}
	dial_wait(fd, POLLOUT);
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	close(fd);
}

static void test(void **state)
{
	const struct dial *dial = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	ask(dial, peer.port);
	assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, 0);
	assert_true(capture_syn_ack(capture, peer.port, 0)->cookie > 0);

	int fd = dial_socket(dial);
	assert_int_equal(dial_fastopen(dial, fd, peer.port, "now", 3), 3);
	dial_expect(fd, "now", 3);
	assert_int_equal(capture_syn(capture, peer.port, 1)->len, 3);
	close(fd);

	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return dial_run("zero bytes ask for a cookie", test);
}
