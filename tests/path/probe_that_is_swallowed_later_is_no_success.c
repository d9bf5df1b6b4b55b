/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A probe on a path that swallows what follows the SYN has not succeeded when the handshake is
 * over, and the next pause is longer. With false start (RFC 7918), or a session that is resumed,
 * the handshake is over before the loss is seen.
 */

#include <tlsfo/error.h>

#include "memory.h"
#include "path_nginx.h"

static void visit(struct memory_test *test)
{
	struct path *path = test->path;
	char answer[16];

	if (path->open)
		path_end(path);
	path_visit(path);
	assert_int_equal(path->ret, 0);
	client_send(path->conn, "is anybody there?", 17);
	assert_int_equal(tlsfo_conn_read(path->conn, answer, sizeof(answer),
				 tlsfo_deadline_in(PATH_PATIENCE_MS)),
		TLSFO_E_PATH_SWALLOWS);
}

static void visits(struct memory_test *test)
{
	struct tlsfo_report report;

	test->path->port = PATH_NGINX_PORT;
	path_visit(test->path);
	visit(test);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	memory_pass(3601);
	visit(test);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 2);
	path_end(test->path);
	path_visit(test->path);
	assert_int_equal(test->path->ret, 0);
	report = path_report(test->path);
	memory_expect_plain(test, &report);
}

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct path_nginx nginx;

	path_start_nginx(path, "", &nginx);
	path->way.priority = WAY_TLS12;
	memory_mode(test, TLSFO_USE_FAST_OPEN_AUTO);
	path_add_box(path, "swallow-after-syn");
	visits(test);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run("a probe that is swallowed later is no success", fact, PATH_CLIENT);
}
