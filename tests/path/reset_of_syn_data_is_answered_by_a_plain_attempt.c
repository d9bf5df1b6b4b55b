/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that answers a SYN with data by RST: a plain attempt follows at once and costs one round
 * trip more than a plain connect. When nobody listens there either, both attempts are told, at once.
 */

#include "path.h"

#include <errno.h>

static void fact(struct path *path)
{
	path_add_box(path, "rst-syn-data");
	path_fetch_cookie(path);
	path_visit_well(path);

	path_expect_syns(path, 2, 2);
	size_t hello = path_expect_syn(path, 0, PATH_COOKIE, "rst-syn-data").payload_length;
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	assert_int_equal(hello, path_hello_length(path, 1));
	path_expect_in_time(path, 1, 0, 3.2);
	const struct path_attempt attempts[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_FAILED, ECONNREFUSED},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_WON, 0},
	};
	path_expect_attempts(path, attempts, 2);
	path_expect_kernel(path, false, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_FELL_BACK, TLSFO_REASON_RESET, 0, hello);
	path_end(path);

	/* Nobody listens on another port; the cookie is the address's. */
	path->port = PATH_PORT + 1;
	path_visit(path);
	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_true(path->took_ms < path->limit_ms / 2);
	path_expect_syns(path, 2, 2);
	path_expect_syn(path, 0, PATH_COOKIE, "rst-syn-data");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, NULL);
	const struct path_attempt refused[] = {
		{path_address(path), TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_FAILED, ECONNREFUSED},
		{path_address(path), TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_FAILED, ECONNREFUSED},
	};
	path_expect_attempts(path, refused, 2);
	assert_int_equal(path_report(path).system_error, ECONNREFUSED);
}

int main(void)
{
	return path_run("a reset of SYN data is answered by a plain attempt", fact, PATH_CLIENT);
}
