/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tlsfo_socket_fastopen_connect4() and 6() on their own: without a cookie the SYN is bare and asks
 * for one, with a cookie it carries the data; either way the server gets the data once.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/capture.h"
#include "support/dial.h"
#include "support/kernel.h"
#include "support/peer.h"

static const char data[] = "a question of forty-two bytes or thereabout";

static void connect_first(const struct dial *dial, struct capture *capture, uint16_t port)
{
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, port, data, sizeof(data));

	if (dial->blocking) {
		assert_int_equal(n, sizeof(data));
	} else {
		assert_int_equal(n, -1);
		assert_true(errno == EINPROGRESS || errno == EWOULDBLOCK);
		dial_wait(fd, POLLOUT);
		assert_int_equal(tlsfo_socket_connected(fd), 1);
		assert_int_equal(send(fd, data, sizeof(data), MSG_NOSIGNAL), sizeof(data));
	}
	dial_expect(fd, data, sizeof(data));
	assert_int_equal(capture_syn(capture, port, 0)->cookie, 0);
	assert_int_equal(capture_syn(capture, port, 0)->len, 0);
	close(fd);
}

static void connect_again(const struct dial *dial, struct capture *capture, uint16_t port)
{
	int fd = dial_socket(dial);

	assert_int_equal(dial_fastopen(dial, fd, port, data, sizeof(data)), sizeof(data));
	dial_expect(fd, data, sizeof(data));
	const struct capture_packet *syn = capture_syn(capture, port, 1);
	assert_non_null(syn);
	assert_true(syn->cookie > 0);
	assert_int_equal(syn->len, sizeof(data));
	assert_memory_equal(syn->payload, data, sizeof(data));
	assert_int_equal(capture_syn_ack(capture, port, 1)->ack, syn->seq + 1 + sizeof(data));
	assert_true(kernel_facts(fd).syn_data);
	close(fd);
}

static void test(void **state)
{
	const struct dial *dial = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	connect_first(dial, capture, peer.port);
	connect_again(dial, capture, peer.port);
	peer_stop(&peer);
	capture_stop(capture);
}

int main(void)
{
	return dial_run("a socket's first data rides in the SYN", test);
}
