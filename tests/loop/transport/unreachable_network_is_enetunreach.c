/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* No route leads there: the handshake fails with the first push, and the report has ENETUNREACH. */

#include <errno.h>

#include "support/net.h"
#include "support/visit.h"

static void test(void **state)
{
	const struct way *way = *state;
	struct sockaddr_storage address;
	socklen_t len = net_elsewhere(way->family, 443, &address);
	struct visit visit;

	visit_prepare(&visit, way, 443);
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd,
				 (struct sockaddr *)&address, len, way->engine),
		0);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_PUSH_ERROR);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.system_error, ENETUNREACH);
	assert_int_equal(report.error, TLSFO_E_SYSTEM);
	assert_int_equal(report.attempts[0].error, ENETUNREACH);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_string_equal(report.address, way->family == AF_INET ? "192.0.2.1" : "2001:db8::1");
	/* Not one packet left. */
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_STARTED);
	visit_close(&visit);
}

int main(void)
{
	return way_run("an unreachable network is ENETUNREACH", test, WAY_ONLY_TLS13);
}
