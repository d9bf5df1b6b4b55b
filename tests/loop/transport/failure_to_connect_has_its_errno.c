/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When nobody listens or no route leads there, the handshake fails at once with one code, and the report has the system's
 * first errno and not what later calls on the dead socket said. Each row is a fact of its own.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "support/capture.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/visit.h"

static const struct row {
	struct way_fact fact;
	int error;
	bool cookie;   /* is known, so that the hello leaves in the SYN */
	bool rejected; /* by a route of its own */
} rows[] = {
	{{"a refused port is ECONNREFUSED", WAY_ONLY_TLS13}, ECONNREFUSED, false, false},
	{{"a refused port is ECONNREFUSED with data in the SYN", WAY_ONLY_TLS13}, ECONNREFUSED,
		true, false},
	{{"an unreachable host is EHOSTUNREACH", WAY_IPV4 | WAY_ONLY_TLS13}, EHOSTUNREACH, false,
		true},
	{{"an unreachable network is ENETUNREACH", WAY_ONLY_TLS13}, ENETUNREACH, false, false},
};

static void check_wire(const struct row *row, struct capture *capture, uint16_t port,
	const struct tlsfo_report *report)
{
	if (row->error != ECONNREFUSED) {
		/* Not one packet left. */
		assert_int_equal(report->fast_open, TLSFO_FAST_OPEN_OFF);
		assert_int_equal(report->reason, TLSFO_REASON_NOT_STARTED);
		assert_int_equal(capture_count_syns(capture, port), 0);
		return;
	}
	assert_int_equal(report->reason, TLSFO_REASON_NOT_CONNECTED);
	assert_int_equal(capture_syn(capture, port, 0)->len > 0, row->cookie);
	assert_int_equal(capture_count_syns(capture, port), 1);
}

static void test(void **state)
{
	const struct way *way = *state;
	const struct row *row = way->row;
	struct capture *capture = capture_start();
	uint16_t port = net_unused_port(way->family);
	struct sockaddr_storage address;
	socklen_t len = row->error == ECONNREFUSED ? net_loopback(way->family, port, &address)
						   : net_elsewhere(way->family, port, &address);
	struct visit visit;

	if (row->cookie)
		kernel_fetch_cookie(way->family);
	if (row->rejected)
		net_reject_elsewhere();
	visit_prepare(&visit, way, port);
	assert_int_equal(tlsfo_transport_set_fastopen(visit.session, visit.fd,
				 (struct sockaddr *)&address, len, way->engine),
		0);
	/* GnuTLS's own push says that it has sent everything when the SYN took it. */
	bool reads = way->engine == TLSFO_TRANSPORT_GNUTLS && !way->blocking && row->cookie;
	assert_int_equal(
		visit_handshake(&visit), reads ? GNUTLS_E_PULL_ERROR : GNUTLS_E_PUSH_ERROR);

	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(tlsfo_transport_errno(visit.session), row->error);
	assert_string_equal(tlsfo_transport_error(visit.session), report.error_text);
	assert_non_null(strstr(report.error_text, strerror(row->error)));
	assert_int_equal(report.system_error, row->error);
	assert_int_equal(report.error, TLSFO_E_SYSTEM);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[0].error, row->error);
	assert_null(report.tls_version);
	if (row->error != ECONNREFUSED)
		assert_string_equal(
			report.address, way->family == AF_INET ? "192.0.2.1" : "2001:db8::1");
	check_wire(row, capture, port, &report);

	/* A dead session stays dead, and the first cause stays the first. */
	assert_true(gnutls_handshake(visit.session) < 0);
	assert_int_equal(visit_report(&visit).system_error, row->error);
	visit_close(&visit);
	capture_stop(capture);
}

int main(void)
{
	return way_run_rows("a failure to connect has its errno", test, rows, sizeof(rows[0]),
		suite_length(rows));
}
