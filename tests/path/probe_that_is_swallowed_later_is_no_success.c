/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that lets the SYN through with its data and swallows what follows: with false start (RFC 7918) the
 * handshake is over before that is seen. A probe on such a path has not succeeded by then, and the next
 * pause is longer.
 */

#include "memory.h"

#include <tlsfo/error.h>

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

static void fact(struct memory_test *test)
{
	test->path->way.priority = WAY_TLS12;
	memory_mode(test, TLSFO_FAST_OPEN_AUTO);
	path_add_box(test->path, "swallow-after-syn");
	memory_fetch_cookie(test);
	visit(test);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	memory_pass(3601);
	visit(test);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 2);
	struct tlsfo_report report = memory_visit(test);

	memory_expect_plain(test, &report);
}

int main(void)
{
	return memory_run("a probe that is swallowed later is no success", fact, PATH_RACE);
}
