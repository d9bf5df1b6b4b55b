/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A clean path, first visit: the SYN asks for a cookie and gets one, the hello follows the
 * handshake, and the server's first byte comes after two round trips. The response could come after
 * three; it takes four, because gnutls-serv leaves Nagle's algorithm on and sends the end of its
 * first flight only when the beginning was acknowledged.
 */

#include "path.h"

static void fact(struct path *path)
{
	struct lab_moment response;

	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	assert_int_equal(path_syn_ack(path, 0).cookie_length, 8);
	path_expect_first_byte(path, 2);
	assert_int_equal(lab_trace_first_response(path->lab, 0, LAB_RESPONSE_RECORD, &response), 0);
	assert_true(response.round_trips >= 4 && response.round_trips < 5);
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0,
		path_hello_length(path, 0));
}

int main(void)
{
	return path_run("the first visit costs what a plain connect does", fact, PATH_EVERY_WAY);
}
