/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Nobody listens: the SYN, with or without data, is answered by RST. The handshake fails, and the
 * report has the system's ECONNREFUSED, not what later calls on the dead socket said.
 */

#include <errno.h>

#include "support/kernel.h"
#include "support/net.h"
#include "support/visit.h"

static void check_refused(const struct way *way, bool cookie)
{
	struct capture *capture = capture_start();
	uint16_t port = net_unused_port(way->family);
	struct visit visit;

	visit_open(&visit, way, port);
	int ret = visit_handshake(&visit);
	assert_true(ret == GNUTLS_E_PUSH_ERROR || ret == GNUTLS_E_PULL_ERROR);

	const struct capture_packet *syn = capture_syn(capture, port, 0);
	assert_int_equal(syn->len > 0, cookie);
	assert_int_equal(capture_count_syns(capture, port), 1);
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.system_error, ECONNREFUSED);
	assert_int_equal(report.error, TLSFO_E_SYSTEM);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[0].error, ECONNREFUSED);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
	assert_null(report.tls_version);

	/* A dead session stays dead, and the first cause stays the first. */
	assert_true(gnutls_handshake(visit.session) < 0);
	assert_int_equal(visit_report(&visit).system_error, ECONNREFUSED);
	visit_close(&visit);
	capture_stop(capture);
}

static void test(void **state)
{
	const struct way *way = *state;

	check_refused(way, false);
	kernel_fetch_cookie(way->family);
	check_refused(way, true);
}

int main(void)
{
	return way_run("a refused port is ECONNREFUSED", test, WAY_ONLY_TLS13);
}
