/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A session of TLS 1.2 is used again, several times: it is put back after use, because not every server
 * renews it. By ticket and by number (RFC 5077, RFC 5246 §7.4.1.2), and its first data is sent as
 * ordinary data, once.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/program.h"

#define REQUEST "how is the weather?\n"
#define VISITS	5

static void gnutls(void **state)
{
	static const struct early_turn turns[] = {{.priority = WAY_TLS12}};
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, 1});
	for (int i = 0; i < VISITS; i++) {
		struct tlsfo_report report =
			client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
		struct early_seen seen = early_hear(&peer);

		assert_string_equal(report.tls_version, "TLS1.2");
		assert_int_equal(report.resumed, i > 0);
		assert_int_equal(seen.resumed, i > 0);
		assert_int_equal(report.early_data, TLSFO_EARLY_DATA_WITHHELD);
		early_expect_data(&seen, REQUEST, strlen(REQUEST));
	}
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void openssl(const struct way *way, const char *const *more)
{
	struct tlsfo_config *config = client_config(way);
	struct program server;

	program_openssl_on(&server, net_unused_port(AF_INET6), more);
	for (int i = 0; i < VISITS; i++) {
		char answer[sizeof(REQUEST)] = "";
		struct tlsfo_conn *conn = NULL;

		assert_int_equal(
			client_connect_first(config, client_loopback(way->family), server.port,
				REQUEST, strlen(REQUEST), TLSFO_FIRST_DATA_REPLAYABLE, &conn),
			0);
		client_receive(conn, answer, strlen(REQUEST));
		assert_string_equal(answer, "?rehtaew eht si woh\n");
		assert_int_equal(client_report(conn).resumed, i > 0);
		client_close(conn);
	}
	tlsfo_config_free(config);
	program_stop(&server);
}

/* A session that failed to open is not put back. */
static void lost(const struct way *way)
{
	static const struct early_turn turns[] = {
		{.priority = WAY_TLS12}, {.end = EARLY_CLOSE}, {.priority = WAY_TLS12}};
	struct tlsfo_config *config = client_config(way);
	struct tlsfo_conn *conn = NULL;
	struct peer peer;

	early_start(&peer, &(struct early_options){way->family, NULL, turns, suite_length(turns)});
	client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	assert_true(client_connect(config, client_loopback(way->family), peer.port, &conn) < 0);
	tlsfo_conn_free(conn);
	struct tlsfo_report report =
		client_request(config, way->family, peer.port, REQUEST, strlen(REQUEST));
	assert_int_equal(report.resumed, 0);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static void test(void **state)
{
	static const char *const by_ticket[] = {"-tls1_2", NULL};
	static const char *const by_number[] = {"-tls1_2", "-no_ticket", NULL};
	const struct way *way = *state;

	gnutls(state);
	openssl(way, by_ticket);
	openssl(way, by_number);
	lost(way);
}

int main(void)
{
	program_need("openssl");
	return way_run("a TLS 1.2 session is used again", test,
		WAY_SOCKET | WAY_ONLY_TLS12 | WAY_NONBLOCKING);
}
