/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TLSFO_USE_FAST_OPEN_ALWAYS tries where fast open failed, and what it learns is remembered;
 * TLSFO_USE_FAST_OPEN_NEVER neither reads nor writes.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	struct tlsfo_report report;

	memory_fetch_cookie(test);
	int box = path_add_box(test->path, "drop-syn-data");
	memory_mode(test, TLSFO_USE_FAST_OPEN_ALWAYS);
	for (int i = 0; i < 2; i++) {
		report = memory_visit(test);
		memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
		assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	}
	path_end(test->path);
	memory_mode(test, TLSFO_USE_FAST_OPEN_AUTO);
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	path_end(test->path);

	assert_int_equal(tlsfo_store_clear(test->store) > 0, 1);
	memory_mode(test, TLSFO_USE_FAST_OPEN_NEVER);
	report = memory_visit(test);
	assert_int_equal(report.fast_open, TLSFO_FAST_OPEN_OFF);
	assert_int_equal(report.reason, TLSFO_REASON_NOT_WANTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).count, 0);
	path_end(test->path);

	/* Success of a visit that ignored it clears the memory. */
	memory_mode(test, TLSFO_USE_FAST_OPEN_AUTO);
	report = memory_visit(test);
	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	path_end(test->path);
	assert_int_equal(lab_switch_box(test->path->lab, box, false), 0);
	memory_mode(test, TLSFO_USE_FAST_OPEN_ALWAYS);
	report = memory_visit(test);
	memory_expect_fast_open(&report);
	path_end(test->path);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 0);
}

int main(void)
{
	return memory_run("always ignores the memory", fact, PATH_RACED);
}
