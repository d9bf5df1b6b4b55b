/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that swallows IPv6, and a server with both addresses, IPv6 first: that address has its
 * share of the time, then the same hello goes to the next one, and the report has both attempts.
 * First without a cookie, then with one for each address.
 */

#include "path.h"

#include <errno.h>

/* Given to a visit; half of it is the share of the first of two addresses. That is well below the
 * second after which the kernel would send the SYN again. */
enum { LIMIT_MS = 1400 };

static void expect_attempts(struct path *path)
{
	struct tlsfo_report report = path_report(path);

	assert_int_equal(report.attempt_count, 2);
	assert_string_equal(report.attempts[0].address, LAB_SERVER_IPV6);
	assert_int_equal(report.attempts[0].result, TLSFO_ATTEMPT_FAILED);
	assert_int_equal(report.attempts[0].error, ETIMEDOUT);
	assert_string_equal(report.attempts[1].address, LAB_SERVER_IPV4);
	assert_int_equal(report.attempts[1].result, TLSFO_ATTEMPT_WON);
	assert_int_equal(report.attempts[1].error, 0);
	assert_true(report.attempts[1].start_us >= (LIMIT_MS / 2 - 1) * 1000);
	assert_int_equal(report.error, 0);
}

/* The attempt at IPv6, which is dropped, and the one at IPv4. Returns the data they carried, which
 * is as long in both. */
static size_t expect_wire(struct path *path, enum path_option option)
{
	path_expect_syns(path, 2, 2);
	path->way.family = AF_INET6;
	struct lab_packet ipv6 = path_expect_syn(path, 0, option, "swallow-ipv6");
	path->way.family = AF_INET;
	struct lab_packet ipv4 = path_expect_syn(path, 1, option, NULL);
	assert_int_equal(ipv6.payload_length, ipv4.payload_length);
	return ipv4.payload_length;
}

static void visit_first(struct path *path)
{
	path_visit_well(path);
	assert_true(path->took_ms < path->limit_ms);
	assert_int_equal(expect_wire(path, PATH_COOKIE_ASKED), 0);
	expect_attempts(path);
	path_expect_kernel(path, false, KERNEL_FAIL_NO_COOKIE);
	path_expect_report(path, TLSFO_FAST_OPEN_COOKIE_REQUESTED, TLSFO_REASON_NO_COOKIE, 0,
		path_hello_length(path, 1));
	path_end(path);
}

static void visit_second(struct path *path)
{
	path_visit_well(path);
	assert_true(path->took_ms < path->limit_ms);
	size_t hello = expect_wire(path, PATH_COOKIE);
	assert_int_equal(hello, path_hello_length(path, 1));
	assert_int_equal(lab_trace_syn_acked(path->lab, 1), hello);
	expect_attempts(path);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	path_expect_report(path, TLSFO_FAST_OPEN_ACKNOWLEDGED, TLSFO_REASON_NONE, hello, hello);
}

static void fact(struct path *path)
{
	int box = path_add_box(path, "swallow-ipv6");

	path->host = "server.test";
	path->limit_ms = LIMIT_MS;
	visit_first(path);

	assert_int_equal(lab_switch_box(path->lab, box, false), 0);
	path->host = "server6.test";
	path->way.family = AF_INET6;
	path_fetch_cookie(path);
	assert_int_equal(lab_switch_box(path->lab, box, true), 0);

	path->host = "server.test";
	visit_second(path);
}

int main(void)
{
	return path_run("a dead IPv6 leaves time for IPv4", fact, PATH_GNUTLS_CLIENT);
}
