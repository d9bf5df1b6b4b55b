/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* base/clock counts deadlines in absolute milliseconds, with -1 for never and 0 for now. */

#include <limits.h>

#include "base/clock.h"
#include "support/suite.h"

#define NOW_US 5000500 /* 5000.5 ms */

static void begins_in_the_future(void **state)
{
	(void)state;
	/* Rounded up: a deadline is never earlier than the time it was asked for. */
	assert_int_equal(deadline_in(NOW_US, 100), 5101);
	assert_int_equal(deadline_in(5000000, 100), 5100);
	assert_int_equal(deadline_in(NOW_US, 0), 5001);
}

static void never_is_never(void **state)
{
	(void)state;
	assert_int_equal(deadline_in(NOW_US, -1), DEADLINE_NEVER);
	assert_int_equal(deadline_in(NOW_US, INT64_MIN), DEADLINE_NEVER);
	assert_int_equal(deadline_in(NOW_US, INT64_MAX), DEADLINE_NEVER);
	assert_false(deadline_passed(DEADLINE_NEVER, INT64_MAX));
	assert_int_equal(deadline_poll(DEADLINE_NEVER, NOW_US), -1);
}

static void passes_at_its_time(void **state)
{
	(void)state;
	assert_true(deadline_passed(0, 0));
	assert_true(deadline_passed(0, NOW_US));
	assert_true(deadline_passed(5000, NOW_US));
	assert_false(deadline_passed(5001, NOW_US));
	assert_true(deadline_passed(5001, 5001000));
	assert_false(deadline_passed(5001, 5000999));
}

static void poll_is_not_early(void **state)
{
	(void)state;
	assert_int_equal(deadline_poll(0, NOW_US), 0);
	assert_int_equal(deadline_poll(5000, NOW_US), 0);
	assert_int_equal(deadline_poll(5001, NOW_US), 1);
	assert_int_equal(deadline_poll(5100, NOW_US), 100);
	assert_int_equal(deadline_poll(INT64_MAX, NOW_US), INT_MAX);
	/* However it is rounded: after a poll of that length the deadline has passed. */
	for (int64_t us = NOW_US; us < NOW_US + 3000; us += 7) {
		int64_t after = us + (int64_t)deadline_poll(5004, us) * 1000;

		assert_true(deadline_passed(5004, after));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_in_the_future),
		cmocka_unit_test(never_is_never),
		cmocka_unit_test(passes_at_its_time),
		cmocka_unit_test(poll_is_not_early),
	};

	return suite_run_offline("deadline", tests, suite_length(tests));
}
