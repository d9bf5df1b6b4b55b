/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A server that went back to TLS 1.2, so that the connection is made a second time without early data,
 * on a path that then loses what follows the SYN for a while. A third connection there cannot be: the
 * second is given the time that its data needs, even though the data may be repeated.
 */

#include "path_nginx.h"
#include "spell.h"

static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";

static struct tlsfo_report visit(struct path *path)
{
	struct tlsfo_conn *conn = NULL;
	char back[8];
	int ret = client_connect_first(path->config, path->host, PATH_NGINX_PORT, request,
		sizeof(request) - 1, TLSFO_FIRST_DATA_REPLAYABLE, &conn);

	if (ret != 0)
		fail_msg("%s: %s", tlsfo_strerror(ret), tlsfo_conn_error(conn));
	client_receive(conn, back, sizeof(back));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	struct tlsfo_report report = client_report(conn);
	client_close(conn);
	return report;
}

/* A cookie, and a ticket that allows early data. */
static void visit_first(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "ssl_early_data on;\n", &nginx);
	visit(path);
	path_stop_nginx(path, &nginx);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path->config = client_config(&path->way);
	visit_first(path);
	path_start_nginx(path, "ssl_conf_command MaxProtocol TLSv1.2;\n", &nginx);
	path_end(path);
	spell_cast(path, 1);
	struct tlsfo_report report = visit(path);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_HANDSHAKE_FAILED);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_string_equal(report.tls_version, "TLS1.2");
	spell_expect_lost();
	path_expect_syns(path, 2, 2);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("a second connection outlives a spell of silence", fact, PATH_RACE);
}
