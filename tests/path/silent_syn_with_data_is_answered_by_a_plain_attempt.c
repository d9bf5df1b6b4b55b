/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that drops SYNs with data: after the attempt delay a plain attempt carries the same hello,
 * and the report says why. A first visit is not troubled.
 */

#include "path.h"

static void fact(struct path *path)
{
	path_add_box(path, "drop-syn-data");
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 2, 2);
	size_t hello = path_expect_syn(path, 0, PATH_COOKIE, "drop-syn-data").payload_length;
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_int_equal(hello, path_hello_length(path, 1));
	path_expect_pause(path, 0, 1, 250);
	path_expect_in_time(path, 1, 250, 3.2);
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_LOST, 0},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(
		path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0, hello);
	/* The loser's kernel would send its SYN again. */
	assert_int_equal(lab_trace_syns(path->lab), 2);
}

int main(void)
{
	return path_run("a silent SYN with data is answered by a plain attempt", fact, PATH_CLIENT);
}
