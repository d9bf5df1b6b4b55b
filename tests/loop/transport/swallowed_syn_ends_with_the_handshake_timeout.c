/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When every SYN is swallowed, gnutls_handshake_set_timeout() ends the handshake of a blocking
 * socket, and of a non-blocking one whose hello left in the SYN. The kernel itself would try for
 * two minutes.
 *
 * A non-blocking program without a cookie waits to write, and GnuTLS looks at the clock only when
 * it reads; there the program's own patience with poll(2) ends it, and the session can be given up.
 */

#include <poll.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/visit.h"

#define LIMIT_MS 400
#define STEP_MS	 50

static void check_ends(const struct way *way)
{
	struct visit visit;

	visit_open(&visit, way, net_unused_port(way->family));
	gnutls_handshake_set_timeout(visit.session, LIMIT_MS);
	int64_t before = tlsfo_now();
	assert_int_equal(visit_handshake_stepping(&visit, STEP_MS), GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	assert_true(kernel_facts(visit.fd).connecting);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_PENDING);
	assert_int_equal(gnutls_transport_get_int(visit.session), visit.fd);
	visit_close(&visit);
}

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
	check_ends(way);
	net_fresh();
	net_filter(NET_DROP_SYN);
	if (way->blocking)
		check_ends(way);
	else
		check_can_be_given_up(way);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return way_run("a swallowed SYN ends with the handshake timeout", test,
		WAY_SOCKET | WAY_ONLY_TLS13);
}
