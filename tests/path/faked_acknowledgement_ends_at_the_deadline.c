/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that acknowledges SYN data itself and swallows the rest: nothing tells it from a server
 * that does not answer, and the visit ends at its deadline.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "fake-ack-syn-data");
	path_fetch_cookie(path);
	path->limit_ms = PATH_LIMIT_MS;
	path_visit(path);

	path_expect_deadline(path);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, "fake-ack-syn-data");
	assert_string_equal(path_syn_ack(path, 0).injected_by, "fake-ack-syn-data");
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	/* A connection that could not be opened shows no socket. */
	if (!path->client)
		path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run("a faked acknowledgement ends at the deadline", fact, PATH_TRANSPORT);
}
