/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The server has another fast-open key than at the visit before, as a farm of servers may: its
 * SYN-ACK covers the SYN alone and brings a new cookie, the hello is sent again at once, no time is
 * lost against a plain connect, and with the third visit all is well again.
 */

#include "path.h"

static void visit_with_void_cookie(struct path *path)
{
	path_visit_well(path);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), 0);
	assert_int_equal(path_syn_ack(path, 0).cookie_length, 8);
	path_expect_first_byte(path, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_DATA_NOT_ACKED);
	path_expect_report(path, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED,
		TLSFO_REASON_DATA_NOT_ACKNOWLEDGED, hello, hello);
	path_end(path);
}

static void visit_with_good_cookie(struct path *path)
{
	path_visit_well(path);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, NULL);
	assert_int_equal(lab_trace_syn_acked(path->lab, 0), hello);
	path_expect_first_byte(path, 1);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

static void fact(struct path *path)
{
	path_add_box(path, "server-key-change");
	path_fetch_cookie(path);
	lab_clear_boxes(path->lab);
	visit_with_void_cookie(path);
	visit_with_good_cookie(path);
}

int main(void)
{
	return path_run("a changed server key costs no time", fact, PATH_EVERY_WAY);
}
