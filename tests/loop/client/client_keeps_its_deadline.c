/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A deadline ends each call with GNUTLS_E_TIMEDOUT and not before it: connecting when the SYN is
 * swallowed, the handshake with a mute server, a read when nothing comes, a write when nobody
 * reads.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/peer.h"

#define LIMIT_MS 300

static void check_connect_ends(const struct way *way, uint16_t port, bool connected)
{
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	char service[8];

	snprintf(service, sizeof(service), "%u", port);
	int64_t deadline = tlsfo_deadline_in(LIMIT_MS);
	assert_int_equal(
		client_reach(config, client_loopback(way->family), service, deadline, &conn),
		GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() >= deadline);
	assert_int_equal(tlsfo_conn_fd(conn), -1);
	assert_non_null(conn);
	assert_true(tlsfo_conn_error(conn)[0] != '\0');
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.error, GNUTLS_E_TIMEDOUT);
	assert_true(report.attempt_count >= 1);
	/* All that were made until then; the last is who stands. */
	const struct tlsfo_attempt *last = &report.attempts[report.attempt_count - 1];
	assert_int_equal(last->result, connected ? TLSFO_ATTEMPT_WON : TLSFO_ATTEMPT_FAILED);
	for (size_t i = 0; i + 1 < report.attempt_count; i++)
		assert_int_equal(report.attempts[i].result,
			connected ? TLSFO_ATTEMPT_LOST : TLSFO_ATTEMPT_FAILED);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void connecting(void **state)
{
	const struct way *way = *state;

	kernel_fetch_cookie(way->family);
	net_filter(NET_DROP_SYN);
	check_connect_ends(way, net_unused_port(way->family), false);
	net_fresh();
	net_filter(NET_DROP_SYN);
	check_connect_ends(way, net_unused_port(way->family), false);
}

static void handshaking(void **state)
{
	const struct way *way = *state;
	struct peer peer;

	peer_start(&peer, &(struct peer_options){.family = way->family, .no_tls = true}, peer_mute);
	check_connect_ends(way, peer.port, true);
	kernel_fetch_cookie(way->family);
	check_connect_ends(way, peer.port, true);
	peer_stop(&peer);
}

/* The deadline "now" is over before a name is looked up. */
static void at_once(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;

	assert_int_equal(
		client_reach(config, client_loopback(way->family), "443", TLSFO_NOW, &conn),
		GNUTLS_E_TIMEDOUT);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
}

static void reading_and_writing(void **state)
{
	static char block[1 << 20];
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;
	char buf[16];
	ssize_t n;

	peer_start(&peer, &(struct peer_options){.family = way->family}, peer_mute);
	struct tlsfo_conn *conn =
		client_connect_well(config, client_loopback(way->family), peer.port);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), TLSFO_NOW), GNUTLS_E_AGAIN);
	int64_t deadline = tlsfo_deadline_in(LIMIT_MS);
	assert_int_equal(tlsfo_conn_read(conn, buf, sizeof(buf), deadline), GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() >= deadline);
	/* Until the socket is full, counts are returned; then the deadline's code. */
	do {
		deadline = tlsfo_deadline_in(LIMIT_MS);
		n = tlsfo_conn_write(conn, block, sizeof(block), deadline);
	} while (n > 0);
	assert_int_equal(n, GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() >= deadline);
	/* The kernel may find a little more room now and then, but not for ever. */
	do
		n = tlsfo_conn_write(conn, block, sizeof(block), TLSFO_NOW);
	while (n > 0);
	assert_int_equal(n, GNUTLS_E_AGAIN);
	tlsfo_conn_free(conn);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

int main(void)
{
	static struct way ways[] = {
		{AF_INET, WAY_TLS13, TLSFO_TRANSPORT_SOCKET, false},
		{AF_INET6, WAY_TLS13, TLSFO_TRANSPORT_GNUTLS, false},
	};
	const struct CMUnitTest tests[] = {
		{"connecting", connecting, NULL, NULL, &ways[0]},
		{"handshaking", handshaking, NULL, NULL, &ways[0]},
		{"at once", at_once, NULL, NULL, &ways[0]},
		{"reading and writing", reading_and_writing, NULL, NULL, &ways[0]},
	};

	net_begin();
	net_need_filter();
	return suite_run("the client keeps its deadline", tests, suite_length(tests));
}
