/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that drops SYNs with data: the kernel sends a bare SYN a second later, the hello follows
 * the handshake, and the report says that fast open cost time here. A first visit is not troubled.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "drop-syn-data");
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 2, 1);
	size_t hello = path_expect_hello_syn(path, 0, "drop-syn-data");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), 0);
	path_expect_kernel(path, false, KERNEL_FAIL_SYN_RETRANSMITTED);
	path_expect_report(
		path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, hello, hello);
}

int main(void)
{
	return path_run("a dropped SYN with data comes back bare", fact, PATH_TRANSPORT);
}
