/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Nothing is known of the server: the SYN goes without data and asks for a cookie, the SYN-ACK
 * brings one, and the session comes to be as with a plain connect.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct program server;
	struct visit visit;

	program_gnutls_serv(&server, NULL);
	visit_open(&visit, way, server.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);
	visit_echo(&visit);

	/* The wire: */
	const struct capture_packet *syn = capture_syn(capture, server.port, 0);
	assert_non_null(syn);
	assert_int_equal(syn->cookie, 0);
	assert_int_equal(syn->len, 0);
	assert_true(capture_syn_ack(capture, server.port, 0)->cookie > 0);
	assert_int_equal(capture_count_syns(capture, server.port), 1);
	const struct capture_packet *flight =
		capture_to(capture, server.port, PACKET_PSH | PACKET_SYN, PACKET_PSH, 0);
	visit_assert_hello(&visit, flight);
	/* the kernel: */
	struct kernel_facts kernel = kernel_facts(visit.fd);
	assert_false(kernel.syn_data);
	assert_int_equal(kernel.fail, KERNEL_FAIL_NO_COOKIE);
	/* and our report. */
	struct tlsfo_report report = visit_report(&visit);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	assert_int_equal(report.reason, TLSFO_REASON_NO_COOKIE);
	assert_int_equal(report.syn_bytes, 0);
	assert_int_equal(report.flight_bytes, flight->len);

	visit_close(&visit);
	program_stop(&server);
	capture_stop(capture);
}

int main(void)
{
	program_need("gnutls-serv");
	return way_run("the first visit asks for a cookie", test, WAY_ALL);
}
