/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The next visit to a host whose first address is dead begins with the one that answered, in other
 * processes as well, and with the cookie that is there. Nothing is said of fast open with the dead
 * one.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	struct path *path = test->path;
	struct lab_moment first;

	path->host = "dead4first.test";
	path->way.family = AF_INET;
	struct tlsfo_report report = memory_visit(test);

	assert_true(report.attempt_count > 1);
	assert_string_equal(report.attempts[0].address, LAB_DEAD_IPV4);
	assert_string_equal(report.address, LAB_SERVER_IPV4);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
	assert_string_equal(memory_entries(test, TLSFO_STORE_HOST).address, LAB_SERVER_IPV4);
	for (int i = 0; i < 2; i++) {
		report = i == 0 ? memory_visit(test) : memory_visit_elsewhere(test);
		assert_int_equal(report.attempt_count, 1);
		assert_string_equal(report.attempts[0].address, LAB_SERVER_IPV4);
		memory_expect_fast_open(&report);
		path_expect_syns(path, 1, 1);
		assert_int_equal(lab_trace_first_server_byte(path->lab, 0, &first), 0);
		assert_true(first.round_trips < 2);
		lab_trace_reset(path->lab);
	}
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
}

int main(void)
{
	return memory_run("a dead address is not tried first again", fact, PATH_RACED);
}
