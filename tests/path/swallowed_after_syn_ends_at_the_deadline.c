/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that lets SYN data pass and swallows what the client sends after it. The handshake waits
 * and ends at its deadline: in TLS 1.2 it misses the server's Finished, in TLS 1.3 the end of
 * gnutls-serv's first flight, whose beginning is never acknowledged. (The client has false start in
 * TLS 1.2, which is another fact.)
 */

#include "path.h"

static void fact(struct path *path)
{
	path->way.priority = path->client ? WAY_TLS13 : WAY_TLS12;
	path_add_box(path, "swallow-after-syn");
	path_fetch_cookie(path);
	path->limit_ms = PATH_LIMIT_MS;
	path_visit(path);

	path_expect_deadline(path);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	path_expect_first_byte(path, 1);
	/* A connection that could not be opened shows no socket. */
	if (!path->client)
		path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run(
		"what is swallowed after the SYN ends at the deadline", fact, PATH_EVERY_WAY);
}
