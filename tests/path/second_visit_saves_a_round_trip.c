/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A clean path, second visit: the hello rides in the SYN, so that the server's first byte comes
 * after one round trip and the response after three: in both one less than on the first visit.
 */

#include "path.h"

static void fact(struct path *path)
{
	struct lab_moment response;

	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	path_expect_first_byte(path, 1);
	assert_int_equal(lab_trace_first_response(path->lab, 0, LAB_RESPONSE_RECORD, &response), 0);
	assert_true(response.round_trips >= 3 && response.round_trips < 4);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

int main(void)
{
	return path_run("the second visit saves a round trip", fact, PATH_EVERY_WAY);
}
