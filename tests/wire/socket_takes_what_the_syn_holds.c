/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * More data than the SYN holds: on a non-blocking socket the count says how much left, and the wire
 * agrees; on a blocking socket all of it is taken. The server gets every byte once.
 */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/peer.h"

#define SIZE 4000

static void test(void **state)
{
	const struct dial *dial = *state;
	struct capture *capture = capture_start();
	struct peer peer;
	char data[SIZE];

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)('a' + i % 23);
	kernel_fetch_cookie(dial->family);
	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, peer.port, data, SIZE);
	const struct capture_packet *syn = capture_syn(capture, peer.port, 0);
	assert_true(syn->len > 1000 && syn->len < SIZE);
	if (dial->blocking) {
		assert_int_equal(n, SIZE);
	} else {
		assert_int_equal(n, syn->len);
		dial_wait(fd, POLLOUT);
		assert_int_equal(tlsfo_socket_connected(fd), 1);
		assert_int_equal(send(fd, data + n, SIZE - (size_t)n, MSG_NOSIGNAL), SIZE - n);
	}
	dial_expect(fd, data, SIZE);
	close(fd);

	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return dial_run("a socket takes what the SYN holds", test);
}
