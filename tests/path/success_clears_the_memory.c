/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A probe that gets through clears the entry; one whose data is not acknowledged, which does no harm, leaves
 * it, and the next connection probes.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	memory_fetch_cookie(test);
	int box = path_add_box(test->path, "drop-syn-data");
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	assert_int_equal(lab_switch_box(test->path->lab, box, false), 0);
	report = memory_visit(test);
	memory_expect_plain(test, &report);

	path_end(test->path);
	memory_pass(3601);
	int strip = path_add_box(test->path, "strip-syn-data");
	report = memory_visit(test);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).probing, 0);
	path_end(test->path);
	assert_int_equal(lab_switch_box(test->path->lab, strip, false), 0);

	report = memory_visit(test);
	memory_expect_fast_open(&report);
	path_end(test->path);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
	assert_int_equal(memory_entries(test, TLSFO_STORE_NETWORK).count, 0);
	report = memory_visit(test);
	memory_expect_fast_open(&report);
}

int main(void)
{
	return memory_run("success clears the memory", fact, PATH_RACED);
}
