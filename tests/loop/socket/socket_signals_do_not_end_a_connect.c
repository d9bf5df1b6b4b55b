/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A blocking connect without data waits for its SYN-ACK to the end, however many signals arrive
 * meanwhile; a refusal is told as one.
 */

#include <errno.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/dial.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/storm.h"

static void check(const struct dial *dial, bool restart, bool plain)
{
	struct peer peer;
	int fd = dial_socket(dial);

	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(
		&peer, &(struct peer_options){.family = dial->family, .no_tls = true}, peer_echo);
	storm_begin(restart);
	ssize_t ret = plain ? dial_connect(dial, fd, peer.port)
			    : dial_fastopen(dial, fd, peer.port, NULL, 0);
	int error = errno;
	storm_end();
	if (ret != 0)
		fail_msg("%zd: %s", ret, strerror(error));
	assert_int_equal(tlsfo_socket_connected(fd), 1);
	assert_int_equal(write(fd, "data", 4), 4);
	dial_expect(fd, "data", 4);
	close(fd);
	peer_stop(&peer);
}

static void test(void **state)
{
	const struct dial *dial = *state;

	check(dial, false, true);
	net_fresh();
	check(dial, true, true);
	net_fresh();
	check(dial, false, false);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return dial_run_blocking("signals do not end a connect", test);
}
