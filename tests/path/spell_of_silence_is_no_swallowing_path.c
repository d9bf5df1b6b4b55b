/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Data that must not be repeated gets there, and no error is made of it, when a path loses what
 * follows the SYN until the kernel's timer has sent it again twice. Nothing could take the
 * connection's place.
 */

#include "path_nginx.h"
#include "spell.h"

static const char request[] = "GET / HTTP/1.0\r\nHost: server.test\r\n\r\n";

static void visit(struct path *path)
{
	struct tlsfo_conn *conn = NULL;
	char back[8];

	assert_int_equal(client_connect_first(path->config, path->host, PATH_NGINX_PORT, request,
				 sizeof(request) - 1, 0, &conn),
		0);
	ssize_t n = tlsfo_conn_read(conn, back, sizeof(back), tlsfo_deadline_in(PATH_PATIENCE_MS));
	if (n != (ssize_t)sizeof(back))
		fail_msg("%s: %s", tlsfo_strerror((int)n), tlsfo_conn_error(conn));
	assert_memory_equal(back, "HTTP/1.1", sizeof(back));
	struct tlsfo_report report = client_report(conn);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	assert_int_equal(report.reconnected, TLSFO_RECONNECT_NONE);
	tlsfo_conn_free(conn);
	spell_expect_lost();
	path_expect_syns(path, 1, 1);
}

static void fact(struct path *path)
{
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path_fetch_cookie(path);
	spell_cast(path, 0);
	visit(path);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("a spell of silence is no swallowing path", fact, PATH_CLIENT);
}
