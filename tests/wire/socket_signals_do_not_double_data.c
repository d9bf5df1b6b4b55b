/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A blocking socket waits for its SYN-ACK, which is late, while signals arrive without end: the
 * connection comes to be all the same, and the server gets the data exactly once, whether it left
 * in the SYN or not, and whether the handler restarts system calls or not.
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
#include "support/storm.h"

static const char data[] = "only once, please";

static void expect_once(const struct dial *dial, struct peer *peer, struct capture *capture)
{
	unsigned char stream[256];
	int fd = dial_socket(dial);
	ssize_t n = dial_fastopen(dial, fd, peer->port, data, sizeof(data));
	int error = errno;

	storm_end();
	if (n != (ssize_t)sizeof(data))
		fail_msg("%zd bytes taken: %s", n, strerror(error));
	dial_expect(fd, data, sizeof(data));
	shutdown(fd, SHUT_WR);
	/* The echo server ends when it has seen our end: nothing may come before that. */
	dial_wait(fd, POLLIN);
	char more;
	assert_int_equal(read(fd, &more, 1), 0);
	assert_int_equal(
		capture_stream(capture, net_port(fd), stream, sizeof(stream)), sizeof(data));
	close(fd);
}

static void test(void **state)
{
	const struct dial *dial = *state;
	struct capture *capture = capture_start();
	struct peer peer;

	for (unsigned int i = 0; i < 4; i++) {
		bool cookie = (i & 1) != 0;
		bool restart = (i & 2) != 0;

		net_fresh();
		if (cookie)
			kernel_fetch_cookie(dial->family);
		capture_stop(capture);
		capture = capture_start();
		net_filter(NET_DROP_FIRST_SYNACK);
		peer_start(&peer, &(struct peer_options){.family = dial->family, .no_tls = true},
			peer_echo);
		storm_begin(restart);
		expect_once(dial, &peer, capture);
		peer_stop(&peer);
	}
	capture_stop(capture);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return dial_run_blocking("signals do not double data", test);
}
