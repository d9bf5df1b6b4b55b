/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * An hour after fast open failed one connection tries it again, while others that come along stay plain.
 * When that fails, the next probe is two hours away.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	memory_fetch_cookie(test);
	path_add_box(test->path, "drop-syn-data");
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	memory_pass(3500);
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	memory_pass(101);
	assert_int_equal(memory_visit_together(test, 4), 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 2);
	memory_pass(2 * 3600 - 100);
	assert_int_equal(memory_visit_together(test, 4), 0);
	memory_pass(101);
	report = memory_visit(test);
	memory_expect_fallback(&report, TLSFO_REASON_SYN_RETRANSMITTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 3);
}

int main(void)
{
	return memory_run("one probe when time is up", fact, PATH_CLIENT);
}
