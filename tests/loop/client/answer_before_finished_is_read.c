/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The answer of a server that closes before it has read the client's Finished is read to its end. A
 * server may answer early data so, and the Finished then meets a connection that is gone. With
 * nginx, whose connections end with the answer.
 */

#include <sys/socket.h>

#include "support/client.h"
#include "support/net.h"
#include "support/program.h"
#include "support/way.h"

#define GET    "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"
#define ANSWER "nginx was here\n"
#define VISITS 30

static bool by_client(struct tlsfo_config *config, int family, uint16_t port)
{
	const int64_t deadline = tlsfo_deadline_in(CLIENT_PATIENCE_MS);
	char text[4096] = "";
	size_t len = 0;
	ssize_t n = 0;
	struct tlsfo_conn *conn = NULL;
	int ret = client_connect_first(config, client_loopback(family), port, GET, strlen(GET),
		TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	while (strstr(text, ANSWER) == NULL) {
		n = tlsfo_conn_read(conn, text + len, sizeof(text) - 1 - len, deadline);
		if (n <= 0)
			fail_msg("%zu bytes, then %zd", len, n);
		len += (size_t)n;
	}
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	/* It may be too late to say good-bye. */
	(void)!tlsfo_conn_close(conn, deadline);
	return report.early_data == TLSFO_EARLY_DATA_ACCEPTED;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct tlsfo_config *config = client_config(way);
	struct program server;
	int accepted = 0;

	program_nginx_on(&server, net_unused_port(AF_INET6),
		"ssl_early_data on;\nkeepalive_timeout 0;\nlingering_close off;");
	for (int i = 0; i < VISITS; i++)
		accepted += by_client(config, way->family, server.port);
	assert_true(accepted > VISITS / 2);
	tlsfo_config_free(config);
	program_stop(&server);
}

int main(void)
{
	program_need("nginx");
	return way_run("an answer before Finished is read", test,
		WAY_SOCKET | WAY_ONLY_TLS13 | WAY_NONBLOCKING);
}
