/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that was started anew cannot read its tickets any more: the handshake is a full one,
 * verified, what left early is sent again, and the answer comes. With nginx, and with openssl
 * s_server.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/program.h"

#define GET  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define LINE "how is the weather?\n"

static struct tlsfo_report ask(
	struct tlsfo_config *config, uint16_t port, const char *question, const char *answer)
{
	char text[4096] = "";
	size_t len = 0;
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, "127.0.0.1", port, question, strlen(question),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	while (strstr(text, answer) == NULL) {
		assert_true(len < sizeof(text) - 1);
		client_receive(conn, text + len++, 1);
	}
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	return report;
}

static void expect(const struct tlsfo_report *report, enum tlsfo_early_data early, bool resumed)
{
	assert_int_equal(report->early_data, early);
	assert_int_equal(report->resumed, resumed);
	assert_int_equal(report->verified, 1);
	assert_int_equal(report->reconnected, TLSFO_RECONNECT_NONE);
	assert_int_equal(report->error, 0);
}

static void nginx(void **state)
{
	static const char answer[] = "nginx was here\n";
	const char *early = "ssl_early_data on;";
	struct tlsfo_config *config = client_config_default();
	struct program server;

	(void)state;
	program_nginx_on(&server, net_unused_port(AF_INET6), early);
	ask(config, server.port, GET, answer);
	struct tlsfo_report report = ask(config, server.port, GET, answer);
	expect(&report, TLSFO_EARLY_DATA_ACCEPTED, true);
	program_stop(&server);
	program_nginx_on(&server, server.port, early);
	report = ask(config, server.port, GET, answer);
	expect(&report, TLSFO_EARLY_DATA_REJECTED, false);
	report = ask(config, server.port, GET, answer);
	/* There may be one more of the old server's tickets. */
	if (report.resumed == 0)
		report = ask(config, server.port, GET, answer);
	expect(&report, TLSFO_EARLY_DATA_ACCEPTED, true);
	tlsfo_config_free(config);
	program_stop(&server);
}

static void openssl(void **state)
{
	static const char *const more[] = {"-tls1_3", "-max_early_data", "16384", NULL};
	static const char answer[] = "?rehtaew eht si woh\n";
	struct tlsfo_config *config = client_config_default();
	struct program server;

	(void)state;
	program_openssl_on(&server, net_unused_port(AF_INET6), more);
	ask(config, server.port, LINE, answer);
	struct tlsfo_report report = ask(config, server.port, LINE, answer);
	expect(&report, TLSFO_EARLY_DATA_REJECTED, true);
	program_stop(&server);
	program_openssl_on(&server, server.port, more);
	report = ask(config, server.port, LINE, answer);
	expect(&report, TLSFO_EARLY_DATA_REJECTED, false);
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"nginx", nginx, NULL, NULL, NULL},
		{"openssl s_server", openssl, NULL, NULL, NULL},
	};

	program_need("nginx");
	program_need("openssl");
	return suite_run(
		"a server with new keys gets a full handshake", tests, suite_length(tests));
}
