/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * At the client rung, by one call, the first visit asks for a cookie and the second one's SYN
 * carries the whole ClientHello; both verify the server, and the report agrees with the wire and
 * the kernel.
 */

#include "support/capture.h"
#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/program.h"

static void check_report(
	struct tlsfo_conn *conn, const struct way *way, uint16_t port, bool resumed)
{
	struct tlsfo_report report = client_report(conn);

	assert_string_equal(report.host, client_loopback(way->family));
	assert_string_equal(report.address, client_loopback(way->family));
	assert_int_equal(report.port, port);
	assert_int_equal(report.family, way->family);
	assert_int_equal(report.verified, 1);
	assert_int_equal(report.resumed, resumed);
	assert_int_equal(report.error, 0);
	assert_string_equal(
		report.tls_version, strcmp(way->priority, WAY_TLS12) == 0 ? "TLS1.2" : "TLS1.3");
	assert_int_equal(report.engine, TLSFO_ENGINE_SOCKET);
	assert_int_equal(report.attempt_count, 1);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_WON);
	/* Times follow each other, where they are known. */
	assert_true(report.resolved_us >= 0);
	assert_true(report.connected_us >= report.resolved_us);
	assert_true(report.handshake_us >= report.connected_us);
	assert_true(report.first_byte_us >= report.connected_us);
	assert_true(report.handshake_us >= report.first_byte_us);
	assert_true(report.rtt_us > 0);
}

static void first_visit(
	struct tlsfo_config *config, const struct way *way, struct capture *capture, uint16_t port)
{
	struct tlsfo_conn *conn = client_connect_well(config, client_loopback(way->family), port);

	client_echo(conn);
	assert_int_equal(capture_syn(capture, port, 0)->cookie, 0);
	assert_int_equal(capture_syn(capture, port, 0)->len, 0);
	assert_int_equal(kernel_facts(tlsfo_conn_fd(conn)).fail, KERNEL_FAIL_NO_COOKIE);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_COOKIE_REQUESTED);
	assert_int_equal(report.syn_bytes, 0);
	check_report(conn, way, port, false);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
}

static void second_visit(
	struct tlsfo_config *config, const struct way *way, struct capture *capture, uint16_t port)
{
	struct tlsfo_conn *conn = client_connect_well(config, client_loopback(way->family), port);

	client_echo(conn);
	const struct capture_packet *syn = capture_syn(capture, port, 1);
	assert_non_null(syn);
	assert_true(syn->len > 100);
	assert_int_equal(syn->payload[0], 22);
	assert_int_equal((syn->payload[3] << 8 | syn->payload[4]) + 5, syn->len);
	assert_int_equal(syn->payload[5], GNUTLS_HANDSHAKE_CLIENT_HELLO);
	assert_int_equal(capture_syn_ack(capture, port, 1)->ack, syn->seq + 1 + (uint32_t)syn->len);
	assert_int_equal(capture_count_syns(capture, port), 2);
	assert_true(kernel_facts(tlsfo_conn_fd(conn)).syn_data);
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.flight_bytes, syn->len);
	assert_int_equal(report.syn_bytes, syn->len);
	check_report(conn, way, port, true);
	assert_int_equal(tlsfo_conn_close(conn, tlsfo_deadline_in(CLIENT_PATIENCE_MS)), 0);
}

static void test(void **state)
{
	const struct way *way = *state;
	struct capture *capture = capture_start();
	struct tlsfo_config *config = client_config(way);
	struct program server;

	program_gnutls_serv(&server, NULL);
	first_visit(config, way, capture, server.port);
	second_visit(config, way, capture, server.port);
	tlsfo_config_free(config);
	program_stop(&server);
	capture_stop(capture);
}

int main(void)
{
	program_need("gnutls-serv");
	return way_run("the client's hello rides in the SYN", test, WAY_SOCKET | WAY_NONBLOCKING);
}
