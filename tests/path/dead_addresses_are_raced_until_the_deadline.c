/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * On a path that swallows both families attempts are made by address and mode while there is time,
 * and the error and the report name every one.
 */

#include "path.h"

#include <errno.h>

static void fact(struct path *path)
{
	static const struct path_attempt attempts[] = {
		{LAB_SERVER_IPV6, TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_FAILED, ETIMEDOUT},
		{LAB_SERVER_IPV6, TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_FAILED, ETIMEDOUT},
		{LAB_SERVER_IPV4, TLSFO_MODE_FAST_OPEN, TLSFO_ATTEMPT_FAILED, ETIMEDOUT},
		{LAB_SERVER_IPV4, TLSFO_MODE_PLAIN, TLSFO_ATTEMPT_FAILED, ETIMEDOUT},
	};

	path_add_box(path, "swallow-ipv4");
	path_add_box(path, "swallow-ipv6");
	path->host = "server.test";
	/* Before the kernel sends anything again. */
	path->limit_ms = 900;
	path_visit(path);

	path_expect_deadline(path);
	path_expect_syns(path, 4, 4);
	path->way.family = AF_INET6;
	path_expect_bare_syn(path, 0, PATH_COOKIE_ASKED, "swallow-ipv6");
	path_expect_bare_syn(path, 1, PATH_NO_OPTION, "swallow-ipv6");
	path->way.family = AF_INET;
	path_expect_bare_syn(path, 2, PATH_COOKIE_ASKED, "swallow-ipv4");
	path_expect_bare_syn(path, 3, PATH_NO_OPTION, "swallow-ipv4");
	path_expect_pause(path, 0, 1, 250);
	path_expect_pause(path, 2, 3, 250);
	assert_int_equal(path_fd(path), -1);
	path_expect_attempts(path, attempts, 4);
	const char *error = tlsfo_conn_error(path->conn);
	assert_non_null(strstr(error, LAB_SERVER_IPV6));
	assert_non_null(strstr(error, LAB_SERVER_IPV4));
	assert_non_null(strstr(error, strerror(ETIMEDOUT)));
	struct tlsfo_report report = path_report(path);
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
}

int main(void)
{
	return path_run("dead addresses are raced until the deadline", fact, PATH_CLIENT);
}
