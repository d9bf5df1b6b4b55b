/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An address that no route leads to ends in ENETUNREACH at once, the address is named, and nothing
 * was on the wire.
 */

#include "path.h"

#include <errno.h>

/* For documentation (RFC 5737, RFC 3849), and in no network of the lab's. */
#define ELSEWHERE_IPV4 "198.51.100.1"
#define ELSEWHERE_IPV6 "2001:db8:ffff::1"

static void fact(struct path *path)
{
	path->host = path->way.family == AF_INET ? ELSEWHERE_IPV4 : ELSEWHERE_IPV6;
	path_visit(path);

	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_true(path->took_ms < path->limit_ms / 2);
	assert_int_equal(lab_trace_syns(path->lab), 0);
	assert_int_equal(path_fd(path), -1);
	assert_non_null(strstr(path_error(path), path->host));
	assert_non_null(strstr(path_error(path), strerror(ENETUNREACH)));
	struct tlsfo_report report = path_report(path);
	assert_int_equal(report.error, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(report.system_error, ENETUNREACH);
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.attempt_count, 1);
	assert_string_equal(report.attempts[0].address, path->host);
	assert_int_equal(report.attempts[0].error, ENETUNREACH);
}

int main(void)
{
	return path_run("no route is told at once", fact, PATH_RACED);
}
