/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The first SYN-ACK is lost on the first visit: the kernel sends a SYN without the option, and the
 * visit comes through.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "drop-first-synack");
	path_visit_well(path);

	path_expect_syns(path, 2, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_string_equal(path_syn_ack(path, 0).dropped_by, "drop-first-synack");
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0,
		path_hello_length(path, 0));
}

int main(void)
{
	return path_run("the first visit outlives a dropped SYN-ACK", fact, PATH_TRANSPORT);
}
