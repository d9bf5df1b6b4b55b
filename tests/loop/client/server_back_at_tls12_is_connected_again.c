/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that went back to TLS 1.2 cannot skip early data, and the handshake fails in one way or
 * another (RFC 8446 §D.3): the connection is made again without it, and carries the data once.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/early.h"
#include "support/net.h"
#include "support/program.h"

#define REQUEST "how is the weather?\n"

static void expect_report(const struct tlsfo_report *report)
{
	assert_int_not_equal(report->reconnected, TLSFO_RECONNECT_NONE);
	assert_int_not_equal(report->reconnected, TLSFO_RECONNECT_HELLO_RETRIED);
	assert_int_equal(report->early_data, TLSFO_EARLY_DATA_WITHHELD);
	assert_string_equal(report->tls_version, "TLS1.2");
	assert_int_equal(report->verified, 1);
	assert_int_equal(report->error, 0);
}

static void gnutls(void **state)
{
	static const struct early_turn turns[] = {{0}, {.priority = WAY_TLS12}};
	struct tlsfo_config *config = client_config_default();
	struct peer peer;

	(void)state;
	early_start(&peer, &(struct early_options){AF_INET, NULL, turns, suite_length(turns)});
	client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	early_hear(&peer);
	struct tlsfo_report report =
		client_request(config, AF_INET, peer.port, REQUEST, strlen(REQUEST));
	struct early_seen seen = early_hear(&peer);
	assert_true(seen.announced);
	assert_int_equal(seen.total, 0);
	seen = early_hear(&peer);
	assert_false(seen.announced);
	early_expect_data(&seen, REQUEST, strlen(REQUEST));
	expect_report(&report);
	tlsfo_config_free(config);
	peer_stop(&peer);
}

static struct tlsfo_report ask_openssl(struct tlsfo_config *config, uint16_t port)
{
	char answer[sizeof(REQUEST)] = "";
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, "127.0.0.1", port, REQUEST, strlen(REQUEST),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, answer, strlen(REQUEST));
	assert_string_equal(answer, "?rehtaew eht si woh\n");
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	return report;
}

static void openssl(void **state)
{
	static const char *const before[] = {"-tls1_3", "-max_early_data", "16384", NULL};
	static const char *const after[] = {"-tls1_2", NULL};
	struct tlsfo_config *config = client_config_default();
	struct program server;

	(void)state;
	program_openssl_on(&server, net_unused_port(AF_INET6), before);
	ask_openssl(config, server.port);
	program_stop(&server);
	program_openssl_on(&server, server.port, after);
	struct tlsfo_report report = ask_openssl(config, server.port);
	if (report.reconnected == TLSFO_RECONNECT_NONE)
		/* The newest ticket was another, without early data. */
		report = ask_openssl(config, server.port);
	expect_report(&report);
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"GnuTLS", gnutls, NULL, NULL, NULL},
		{"openssl s_server", openssl, NULL, NULL, NULL},
	};

	program_need("openssl");
	return suite_run("a server back at TLS 1.2 is connected again", tests, suite_length(tests));
}
