/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that strips the fast-open option: the SYN arrives as a plain one, the SYN-ACK brings no
 * cookie, and no time is lost. It is so on every visit.
 */

#include "path.h"

static void visit_once(struct path *path)
{
	path_visit_well(path);

	path_expect_syns(path, 1, 1);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, NULL);
	assert_string_equal(
		path_expect_syn(path, 0, PATH_COOKIE_ASKED, NULL).altered_by, "strip-option");
	assert_int_equal(path_syn_ack(path, 0).fastopen_kind, 0);
	path_expect_first_byte(path, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_NO_COOKIE_GIVEN, TLSFO_REASON_COOKIE_NOT_GIVEN, 0,
		path_hello_length(path, 0));
	path_end(path);
}

static void fact(struct path *path)
{
	path_add_box(path, "strip-option");
	visit_once(path);
	visit_once(path);
}

int main(void)
{
	return path_run("a stripped option gives no cookie", fact, PATH_EVERY_WAY);
}
