/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A host whose first address is dead, and a request that may be repeated: the next visit goes to the
 * address that answered, where the cookie is, and the ticket, too. Its request leaves in the SYN, and the
 * answer is there after one round trip.
 */

#include "memory.h"
#include "path_nginx.h"

static void visits(struct memory_test *test)
{
	struct path *path = test->path;
	struct lab_moment first;

	path->host = "dead4first.test";
	struct tlsfo_report report = path_ask_nginx(path);
	assert_string_equal(report.attempts[0].address, LAB_DEAD_IPV4);
	assert_string_equal(report.address, LAB_SERVER_IPV4);
	assert_int_equal(lab_wait_idle(path->lab, 5, lab_deadline(PATH_PATIENCE_MS)), 0);
	lab_trace_reset(path->lab);

	report = path_ask_nginx(path);
	assert_int_equal(report.attempt_count, 1);
	memory_expect_fast_open(&report);
	assert_int_equal(report.early_data, TLSFO_EARLY_DATA_ACCEPTED);
	assert_int_equal(lab_trace_connections(path->lab), 1);
	assert_int_equal(lab_trace_first_server_byte(path->lab, 0, &first), 0);
	assert_true(first.round_trips < 2);
	assert_true(report.first_byte_us < 2 * PATH_RTT_MS * 1000);
}

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct path_nginx nginx;

	path_start_nginx(path, "ssl_early_data on;\n", &nginx);
	visits(test);
	path_stop_nginx(path, &nginx);
}

int main(void)
{
	path_need_nginx();
	return memory_run(
		"the second visit to a dead first address takes a round trip", fact, PATH_RACED);
}
