/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program that comes back after its deadline is told that the deadline has passed, and not that the path swallows
 * a hello with early data: no second connection has shown yet whether it does.
 */

#include <poll.h>
#include <unistd.h>

#include "path_nginx.h"

/* The request makes the hello longer than what gets through. */
#define BOX "swallow-long=900"
enum { FILLING = 600, LATE_MS = 2500 };

static void fact(struct path *path)
{
	struct path_nginx nginx;
	struct tlsfo_conn *conn = NULL;
	char request[FILLING + 100];
	int len = snprintf(request, sizeof(request),
		"GET / HTTP/1.0\r\nHost: server.test\r\nX: %0*d\r\n\r\n", FILLING, 0);
	int64_t deadline;
	int ret;

	path->config = client_config(&path->way);
	assert_int_equal(tlsfo_config_set_fast_open(path->config, TLSFO_USE_FAST_OPEN_NEVER), 0);
	path_start_nginx(path, "ssl_early_data on;", &nginx);
	path_ask_nginx(path);
	path_add_box(path, BOX);
	deadline = tlsfo_deadline_in(PATH_LIMIT_MS);
	assert_int_equal(client_begin(path->config, path->host, PATH_NGINX_SERVICE, request,
				 (size_t)len, TLSFO_FIRST_DATA_REPLAYABLE, deadline, &conn),
		0);
	while ((ret = tlsfo_conn_advance(conn)) == GNUTLS_E_AGAIN &&
		tlsfo_now() < deadline - PATH_LIMIT_MS / 2) {
		struct pollfd pfd = {tlsfo_conn_fd(conn), tlsfo_conn_events(conn), 0};

		(void)!poll(&pfd, 1, 10);
	}
	assert_int_equal(ret, GNUTLS_E_AGAIN);
	usleep(LATE_MS * 1000);
	assert_int_equal(tlsfo_conn_advance(conn), GNUTLS_E_TIMEDOUT);
	assert_int_equal(client_report(conn).error, GNUTLS_E_TIMEDOUT);
	tlsfo_conn_free(conn);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return path_run("a deadline is told before what is found late", fact, PATH_CLIENT);
}
