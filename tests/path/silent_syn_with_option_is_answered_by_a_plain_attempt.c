/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that drops SYNs with the fast-open option: already the question for a cookie is lost, and
 * after the attempt delay a plain attempt carries the hello. It is so on every visit.
 */

#include "path.h"

static void visit_once(struct path *path)
{
	path_visit_well(path);
	path_expect_syns(path, 2, 2);
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, "drop-syn-option");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	path_expect_pause(path, 0, 1, 250);
	path_expect_in_time(path, 1, 250, 3.2);
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_LOST, 0},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_SYN_RETRANSMITTED, 0,
		path_hello_length(path, 1));
	path_end(path);
}

static void fact(struct path *path)
{
	path_add_box(path, "drop-syn-option");
	visit_once(path);
	visit_once(path);
}

int main(void)
{
	return path_run(
		"a silent SYN with the option is answered by a plain attempt", fact, PATH_CLIENT);
}
