/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows what the server sends after a SYN with data: the hello was acknowledged and
 * read, its answer never comes, and the visit ends at its deadline.
 */

#include "path.h"

static void fact(struct path *path)
{
	struct lab_moment moment;

	path_add_box(path, "swallow-server-data");
	path_fetch_cookie(path);
	path->limit_ms = PATH_LIMIT_MS;
	path_visit(path);

	path_expect_deadline(path);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	assert_true(lab_trace_records(path->lab, 0, LAB_SERVER, NULL, 0) > 0);
	assert_true(lab_trace_first_server_byte(path->lab, 0, &moment) < 0);
	/* A connection that could not be opened shows no socket. */
	if (!path->client)
		path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run("swallowed server data ends at the deadline", fact, PATH_TRANSPORT);
}
