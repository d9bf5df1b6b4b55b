/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * First data that may be sent again goes as ordinary data to a server that gives no ticket and says nothing
 * until it has more: the connection is open as soon as the data is acknowledged, and does not wait for an answer.
 */

#include "path_nginx.h"
#include "support/program.h"

#define HALF   "was is"
#define REST   " that\n"
#define ANSWER "taht si saw\n"

enum { LIMIT_MS = 8000 };

static void start_server(struct path *path, struct program *server)
{
	static const char *const silent[] = {"-tls1_3", "-num_tickets", "0", NULL};

	assert_int_equal(lab_enter_server(path->lab), 0);
	program_openssl_on(server, PATH_NGINX_PORT, silent);
	assert_int_equal(lab_enter_client(path->lab), 0);
}

static void fact(struct path *path)
{
	struct program server;
	struct tlsfo_conn *conn = NULL;
	char back[sizeof(ANSWER)] = "";

	start_server(path, &server);
	path_fetch_cookie(path);
	int64_t begun = tlsfo_now();
	assert_int_equal(
		client_open(path->config, path->host, PATH_NGINX_SERVICE, HALF, strlen(HALF),
			TLSFO_FIRST_DATA_REPLAYABLE, tlsfo_deadline_in(LIMIT_MS), &conn),
		0);
	assert_true(tlsfo_now() - begun < LIMIT_MS / 2);
	assert_int_equal(client_report(conn).fast_open, TLSFO_FAST_OPEN_ACKNOWLEDGED);
	client_send(conn, REST, strlen(REST));
	client_receive(conn, back, strlen(ANSWER));
	assert_string_equal(back, ANSWER);
	tlsfo_conn_free(conn);
	program_stop(&server);
}

int main(void)
{
	program_need("openssl");
	return path_run("unanswered first data opens at once", fact, PATH_CLIENT);
}
