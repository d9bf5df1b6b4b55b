/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A route says that the host cannot be reached: the handshake fails with the first push, and the
 * report has EHOSTUNREACH. */

#include <errno.h>

#include "support/net.h"
#include "support/visit.h"

static void test(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage address;
	socklen_t len = net_elsewhere(way->family, 443, &address);
	struct visit visit;

	net_reject_elsewhere();
	visit_prepare(&visit, way, 443);
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd,
				 (struct sockaddr *)&address, len, way->engine),
		0);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_PUSH_ERROR);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.system_error, EHOSTUNREACH);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[0].error, EHOSTUNREACH);
	/* Not one packet left. */
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_STARTED);
	visit_close(&visit);
}

int main(void)
{
	return way_run("an unreachable host is EHOSTUNREACH", test, WAY_IPV4 | WAY_ONLY_TLS13);
}
