/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A path that answers SYNs with data by a reset: the plain attempt that follows succeeds, so that this is
 * the path's doing and remembered. A port that refuses every SYN is not.
 */

#include "memory.h"

static void fact(struct memory_test *test)
{
	memory_fetch_cookie(test);
	path_add_box(test->path, "rst-syn-data");
	struct tlsfo_report report = memory_visit(test);

	memory_expect_fallback(&report, TLSFO_REASON_RESET);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
	/* In this process and in another. */
	report = memory_visit(test);
	memory_expect_plain(test, &report);
	report = memory_visit_elsewhere(test);
	memory_expect_plain(test, &report);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).failures, 1);
}

static void refused_port(struct memory_test *test)
{
	struct path *path = test->path;

	path_end(path);
	path->port = 4;
	path_visit(path);
	assert_int_equal(path->ret, TLSFO_E_NOT_CONNECTED);
	assert_int_equal(memory_entries(test, TLSFO_STORE_PATH).count, 1);
	assert_int_equal(memory_entries(test, TLSFO_STORE_HOST).count, 1);
}

static void both(struct memory_test *test)
{
	fact(test);
	refused_port(test);
}

int main(void)
{
	return memory_run(
		"the second visit to a path that resets SYN data is plain", both, PATH_CLIENT);
}
