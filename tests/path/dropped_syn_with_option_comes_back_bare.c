/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that drops SYNs with the fast-open option: already the question for a cookie is lost, and
 * the kernel sends a SYN without it a second later.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "drop-syn-option");
	path_visit_well(path);

	path_expect_syns(path, 2, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, "drop-syn-option");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_int_equal(path_syn_ack(path, 0).fastopen_kind, 0);
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0,
		path_hello_length(path, 0));
}

int main(void)
{
	return path_run("a dropped SYN with the option comes back bare", fact, PATH_TRANSPORT);
}
