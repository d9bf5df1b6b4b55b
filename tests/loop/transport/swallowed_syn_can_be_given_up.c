/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When every SYN is swallowed, a handshake on a non-blocking socket waits to write, with the hello in the SYN or without;
 * the program's own patience with poll(2) ends it, and the session can be given up.
 */

#include <poll.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/visit.h"

#define LIMIT_MS 400

static void check_can_be_given_up(const struct way *way)
{
	struct visit visit;
	struct pollfd pfd = {.events = POLLOUT};

	visit_open(&visit, way, net_unused_port(way->family));
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_AGAIN);
	assert_int_equal(gnutls_record_get_direction(visit.session), 1);
	pfd.fd = visit.fd;
	assert_int_equal(poll(&pfd, 1, LIMIT_MS), 0);
	assert_int_equal(gnutls_handshake(visit.session), GNUTLS_E_AGAIN);
	assert_true(kernel_facts(visit.fd).connecting);
	visit_close(&visit);
}

static void test(void **state)
{
	const struct way *way = *state;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	check_can_be_given_up(way);
	net_fresh();
	net_filter(NET_DROP_SYN);
	check_can_be_given_up(way);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a swallowed SYN can be given up", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
