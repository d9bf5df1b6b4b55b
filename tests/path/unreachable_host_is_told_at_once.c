/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * When a router answers SYNs by ICMP host unreachable, the visit fails at once with EHOSTUNREACH,
 * not at its deadline, whether the SYN asks for a cookie or carries the hello.
 */

#include "path.h"

#include <errno.h>

static void fact(struct path *path)
{
	int box = path_add_box(path, "unreachable");

	path_visit(path);
	path_expect_refusal(path, EHOSTUNREACH);
	path_expect_syns(path, 1, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, "unreachable");
	path_expect_report(path, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NOT_CONNECTED, 0,
		(size_t)path_report(path).flight_bytes);
	path_end(path);

	assert_int_equal(lab_switch_box(path->lab, box, false), 0);
	path_fetch_cookie(path);
	assert_int_equal(lab_switch_box(path->lab, box, true), 0);
	path_visit(path);
	path_expect_refusal(path, EHOSTUNREACH);
	path_expect_syns(path, 1, 1);
	size_t hello = path_expect_hello_syn(path, 0, "unreachable");
	if (path_fd(path) >= 0)
		assert_false(kernel_facts(path_fd(path)).established);
	path_expect_report(
		path, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED, TLSFO_REASON_NOT_CONNECTED, hello, hello);
}

int main(void)
{
	return path_run("an unreachable host is told at once", fact, PATH_EVERY_WAY);
}
