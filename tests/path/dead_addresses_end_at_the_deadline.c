/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows both families: the visit ends at its deadline, and the error and the report
 * name every address that was tried.
 */

#include "path.h"

#include <errno.h>

static void expect_attempt(
	const struct tlsfo_report *report, size_t i, const char *address, const char *error_text)
{
	assert_string_equal(report->attempts[i].address, address);
	assert_int_equal(report->attempts[i].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report->attempts[i].error, ETIMEDOUT);
	assert_non_null(strstr(error_text, address));
}

static void fact(struct path *path)
{
	struct lab_packet syn;

	path_add_box(path, "swallow-ipv4");
	path_add_box(path, "swallow-ipv6");
	path->host = "server.test";
	path->limit_ms = PATH_LIMIT_MS;
	path_visit(path);

	path_expect_deadline(path);
	path_expect_syns(path, 2, 2);
	assert_int_equal(lab_trace_syn(path->lab, 0, &syn), 0);
	assert_string_equal(syn.dropped_by, "swallow-ipv6");
	assert_int_equal(lab_trace_syn(path->lab, 1, &syn), 0);
	assert_string_equal(syn.dropped_by, "swallow-ipv4");
	assert_int_equal(path_fd(path), -1);
	struct tlsfo_report report = path_report(path);
	assert_int_equal(report.attempt_count, 2);
	expect_attempt(&report, 0, LAB_SERVER_IPV6, tlsfo_conn_error(path->conn));
	expect_attempt(&report, 1, LAB_SERVER_IPV4, tlsfo_conn_error(path->conn));
	assert_non_null(strstr(tlsfo_conn_error(path->conn), strerror(ETIMEDOUT)));
	assert_int_equal(report.connected, 0);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_CONNECTED);
}

int main(void)
{
	return path_run("dead addresses end at the deadline", fact, PATH_GNUTLS_CLIENT);
}
