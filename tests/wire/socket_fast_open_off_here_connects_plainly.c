/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where fast open is switched off (EOPNOTSUPP), the same call connects plainly on the same socket:
 * on a blocking socket the data follows at once, on a non-blocking one it is the caller's to send.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

static const char data[] = "a question";

static void test(void **state)
{
	const struct dial *dial = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	kernel_fetch_cookie(dial->family);
	net_set_fastopen(NET_FASTOPEN_SERVER);
	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, peer.port, data, sizeof(data));
	if (dial->blocking) {
		assert_int_equal(n, sizeof(data));
	} else {
		assert_int_equal(n, -1);
		assert_int_equal(errno, EINPROGRESS);
		dial_wait(fd, POLLOUT);
		assert_int_equal(tlsfo_socket_connected(fd), 1);
		assert_int_equal(send(fd, data, sizeof(data), MSG_NOSIGNAL), sizeof(data));
	}
	dial_expect(fd, data, sizeof(data));
	assert_int_equal(capture_syn(capture, peer.port, 0)->cookie, CAPTURE_NO_OPTION);
	assert_int_equal(capture_syn(capture, peer.port, 0)->len, 0);
	close(fd);

	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return dial_run("fast open switched off here: plain connect", test);
}
