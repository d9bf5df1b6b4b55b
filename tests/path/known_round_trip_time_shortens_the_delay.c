/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * While nothing is known of a host the second attempt waits a quarter of a second, and twice the round-trip
 * time once that is known.
 */

#include "memory.h"

static int64_t delay_of(const struct tlsfo_report *report)
{
	assert_true(report->attempt_count >= 2);
	return report->attempts[1].start_us - report->attempts[0].start_us;
}

static void fact(struct memory_test *test)
{
	path_add_box(test->path, "drop-syn-option");
	struct tlsfo_report report = memory_visit(test);

	assert_true(delay_of(&report) > 220000);
	struct memory_entries host = memory_entries(test, TLSFO_STORE_HOST);

	assert_int_equal(host.count, 1);
	assert_in_range(host.rtt_us, PATH_RTT_MS * 1000, PATH_RTT_MS * 2500);
	path_end(test->path);
	memory_mode(test, TLSFO_USE_FAST_OPEN_ALWAYS);
	report = memory_visit(test);
	/* It counts from when the attempt was decided on, a little before its SYN left. */
	assert_in_range(delay_of(&report), 2 * host.rtt_us - 20000, 220000);
}

int main(void)
{
	return memory_run("a known round-trip time shortens the attempt delay", fact, PATH_RACED);
}
