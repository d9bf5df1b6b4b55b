/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * With TLSFO_TRANSPORT_WAIT a loop around the handshake that polls a non-blocking socket for reading only has its hello
 * sent, with a cookie and without; SO_SNDTIMEO limits the wait, and the socket stays non-blocking.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"
#include "support/visit.h"

/* Of a loop that would wait for ever. */
#define PATIENCE_MS 10000
#define LIMIT_MS    300

static void check(const struct way *way, bool cookie)
{
	struct pollfd pfd = {.events = POLLIN};
	struct peer peer;
	struct visit visit;
	int ret;

	if (cookie)
		kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_FIRST_SYNACK);
	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_echo);
	visit_prepare(&visit, way, peer.port);
	visit_attach(&visit, way, TLSFO_TRANSPORT_WAIT);
	pfd.fd = visit.fd;
	while ((ret = gnutls_handshake(visit.session)) == GNUTLS_E_AGAIN)
		assert_int_equal(poll(&pfd, 1, PATIENCE_MS), 1);
	assert_int_equal(ret, 0);
	visit_echo(&visit);
	assert_int_equal(visit_report(&visit).syn_bytes > 0, cookie);
	visit_close(&visit);
	peer_stop(&peer);
	net_fresh();
}

static void check_over(const struct way *way)
{
	const struct timeval limit = {.tv_usec = LIMIT_MS * 1000};
	struct visit visit;

	net_filter(NET_DROP_SYN);
	visit_prepare(&visit, way, net_unused_port(way->family));
	visit_attach(&visit, way, TLSFO_TRANSPORT_WAIT);
	assert_int_equal(setsockopt(visit.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	int64_t before = tlsfo_now();
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_PUSH_ERROR);
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	assert_int_equal(tlsfo_transport_errno(visit.session), ETIMEDOUT);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;

	check(way, false);
	check(way, true);
	check_over(way);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a loop that only reads gets its hello sent", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
