/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reading the answer to a request that the path swallowed ends at its deadline. The path swallows
 * what the client sends after SYN data, and with false start (RFC 7918) the handshake is over
 * before anything of it is missed.
 */

#include "path.h"

static void fact(struct path *path)
{
	char answer[16];

	path->way.priority = WAY_TLS12;
	path_add_box(path, "swallow-after-syn");
	path_fetch_cookie(path);
	path_visit(path);

	assert_int_equal(path->ret, 0);
	client_send(path->conn, "is anybody there?", 17);
	int64_t before = tlsfo_now();
	assert_int_equal(tlsfo_conn_read(path->conn, answer, sizeof(answer),
				 tlsfo_deadline_in(PATH_LIMIT_MS)),
		GNUTLS_E_TIMEDOUT);
	assert_true(tlsfo_now() - before >= PATH_LIMIT_MS - 1);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run(
		"a request swallowed after the SYN ends at the deadline", fact, PATH_CLIENT);
}
