/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The first SYN-ACK is lost on a visit whose SYN carried the hello: the server has read it, its
 * next SYN-ACK acknowledges it, and the hello is not sent twice to the server.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_fetch_cookie(path);
	path_add_box(path, "drop-first-synack");
	path_visit_well(path);

	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_connections(path->lab), 1);
	assert_string_equal(path_syn_ack(path, 0).dropped_by, "drop-first-synack");
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	assert_true(kernel_facts(path_fd(path)).syn_data);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run("the second visit outlives a dropped SYN-ACK", fact, PATH_TRANSPORT);
}
