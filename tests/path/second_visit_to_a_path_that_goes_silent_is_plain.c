/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that acknowledges SYN data and lets nothing through: the first visit learns it, the next ones
 * connect plainly and lose no time.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	memory_fetch_cookie(test);
	path_add_box(test->path, "fake-ack-syn-data");
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, TLSFO_REASON_SILENT);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	/* In this process and in another. */
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	report = memory_visit_elsewhere(test);
	memory_expect_plain(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
}

int main(void)
{
	return memory_run(
		"the second visit to a path that goes silent is plain", fact, PATH_CLIENT);
}
