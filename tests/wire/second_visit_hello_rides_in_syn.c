/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The main fact: once a visit has brought a cookie, the next one's SYN carries the whole
 * ClientHello, and the SYN-ACK acknowledges it.
 */

#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"
#include "support/visit.h"

static void ask_the_report(struct visit *visit, const struct way *way, size_t hello_len)
{
	struct tlsfo_report report = visit_report(visit);

	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.reason, TLSFO_REASON_NONE);
	assert_int_equal(report.flight_bytes, hello_len);
	/* Loopback is faster than GnuTLS's engine can be watched: the figure may be unknown, never
	 * wrong. */
	if (way->engine == TLSFO_TRANSPORT_SOCKET || report.syn_bytes != TLSFO_UNKNOWN)
		assert_int_equal(report.syn_bytes, hello_len);
	assert_int_equal(report.engine,
		way->engine == TLSFO_TRANSPORT_SOCKET ? TLSFO_ENGINE_SOCKET : TLSFO_ENGINE_GNUTLS);
	assert_int_equal(report.family, way->family);
	assert_int_equal(report.port, visit->port);
	assert_string_equal(report.address, way->family == AF_INET ? "127.0.0.1" : "::1");
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.error, 0);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct program server;
	struct visit visit;

	program_gnutls_serv(&server, NULL);
	visit_whole(way, server.port);
	visit_open(&visit, way, server.port);
	assert_int_equal(visit_handshake(&visit), GNUTLS_E_SUCCESS);

	/* The wire: */
	const struct capture_packet *syn = capture_syn(capture, server.port, 1);
	visit_assert_hello(&visit, syn);
	assert_true(syn->cookie > 0);
	const struct capture_packet *syn_ack = capture_syn_ack(capture, server.port, 1);
	assert_int_equal(syn_ack->ack, syn->seq + 1 + (uint32_t)syn->len);
	assert_int_equal(capture_count_syns(capture, server.port), 2);
	/* the kernel: */
	struct kernel_facts kernel = kernel_facts(visit.fd);
	assert_true(kernel.syn_data);
	assert_int_equal(kernel.fail, KERNEL_FAIL_NONE);
	/* and our report. */
	ask_the_report(&visit, way, syn->len);

	visit_echo(&visit);
	visit_close(&visit);
	program_stop(&server);
	capture_stop(capture);
}

int main(void)
{
	program_need("gnutls-serv");
	return way_run("the second visit's hello rides in the SYN", test, WAY_ALL);
}
