/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a blocking socket without a limit of time the call that sends the flight also waits for the
 * connection: no poll. A send timeout of the socket's does not end it, and what the SYN took is
 * sent once.
 */

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* Of this thread; the peer has its own. */
static _Thread_local unsigned int polls;

/* Takes the place of the system's. */
int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	const struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000L};

	polls++;
	return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &limit, NULL, 8);
}

static void check(const struct way *way, bool cookie, size_t growth, int send_timeout_ms)
{
	const struct timeval limit = {.tv_usec = send_timeout_ms * 1000};
	struct peer peer;
	struct visit visit;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_open(&visit, way, peer.port);
	visit_grow_hello(&visit, growth);
	assert_int_equal(setsockopt(visit.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	gnutls_handshake_set_timeout(visit.session, GNUTLS_INDEFINITE_TIMEOUT);
	polls = 0;
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_SUCCESS);
	if (send_timeout_ms == 0)
		assert_int_equal(polls, 0);
	assert_int_equal(gnutls_transport_get_int(visit.session), visit.fd);
	visit_echo(&visit);
	visit_close(&visit);
	peer_stop(&peer);
	net_fresh();
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, false, 10, 0);
	check(way, true, 5000, 0);
	check(way, false, 10, 200);
	check(way, true, 5000, 200);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a blocking handshake waits in the send", test,
		WAY_SOCKET | WAY_BLOCKING | WAY_ONLY_TLS13);
}
