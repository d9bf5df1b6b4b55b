/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* store/path says when fast open is tried again after it failed. */

#include "store/path.h"

#include "support/suite.h"

#define NOW  1700000000
#define HOUR 3600
#define DAY  (24 * HOUR)

static void nothing_known_is_no_obstacle(void **state)
{
	const struct path_state path = {0};

	(void)state;
	assert_int_equal(path_advise(&path, NOW), PATH_GO);
	assert_int_equal(path_advise(&path, 0), PATH_GO);
}

static void an_hour_doubles_to_a_day(void **state)
{
	static const int64_t hours[] = {1, 2, 4, 8, 16, 24, 24, 24};
	struct path_state path = {0};
	int64_t now = NOW;

	(void)state;
	for (size_t i = 0; i < suite_length(hours); i++) {
		assert_true(path_failed(&path, now));
		assert_int_equal(path.failures, i + 1);
		assert_int_equal(path.failed, now);
		assert_int_equal(path.until, now + hours[i] * HOUR);
		assert_int_equal(path_advise(&path, now), PATH_AVOID);
		assert_int_equal(path_advise(&path, path.until - 1), PATH_AVOID);
		assert_int_equal(path_advise(&path, path.until), PATH_PROBE);
		now = path.until;
	}
	path.failures = UINT32_MAX;
	assert_true(path_failed(&path, path.until));
	assert_int_equal(path.failures, UINT32_MAX);
	assert_int_equal(path.until - path.failed, DAY);
}

/* Connections that were under way together fail together. */
static void failures_during_the_pause_do_not_count(void **state)
{
	struct path_state path = {0};

	(void)state;
	assert_true(path_failed(&path, NOW));
	for (int i = 0; i < 10; i++)
		assert_false(path_failed(&path, NOW + i));
	assert_int_equal(path.failures, 1);
	assert_int_equal(path.until, NOW + HOUR);
}

static void one_probe_at_a_time(void **state)
{
	struct path_state path = {0};

	(void)state;
	assert_true(path_failed(&path, NOW));
	int64_t now = path.until;
	path.probing = now;
	assert_int_equal(path_advise(&path, now), PATH_AVOID);
	assert_int_equal(path_advise(&path, now + PATH_PROBE_TIME - 1), PATH_AVOID);
	/* Given up. */
	assert_int_equal(path_advise(&path, now + PATH_PROBE_TIME), PATH_PROBE);
	path.probing = 0;
	assert_int_equal(path_advise(&path, now), PATH_PROBE);
}

static void a_failed_probe_pauses_for_longer(void **state)
{
	struct path_state path = {0};

	(void)state;
	assert_true(path_failed(&path, NOW));
	path.probing = path.until;
	assert_true(path_failed(&path, path.until + 1));
	assert_int_equal(path.probing, 0);
	assert_int_equal(path.failures, 2);
	assert_int_equal(path.until - path.failed, 2 * HOUR);
}

static void a_wrong_clock_does_not_pause_for_years(void **state)
{
	struct path_state path = {0};

	(void)state;
	assert_true(path_failed(&path, NOW + 365 * DAY));
	assert_int_equal(path_advise(&path, NOW), PATH_PROBE);
	path.probing = NOW + 365 * DAY;
	assert_int_equal(path_advise(&path, NOW), PATH_PROBE);
	assert_true(path_failed(&path, NOW));
	assert_int_equal(path.until, NOW + 2 * HOUR);
}

static void id_of(unsigned char number, unsigned char ret_id[static PATH_ID_SIZE])
{
	memset(ret_id, number, PATH_ID_SIZE);
}

static bool fail_at(struct path_network *network, unsigned char number, int64_t now)
{
	unsigned char id[PATH_ID_SIZE];

	id_of(number, id);
	return path_network_failed(network, id, now);
}

static void three_destinations_pause_a_network(void **state)
{
	struct path_network network = {0};

	(void)state;
	assert_true(fail_at(&network, 1, NOW));
	assert_int_equal(path_advise(&network.state, NOW), PATH_GO);
	/* The same again is no other. */
	assert_false(fail_at(&network, 1, NOW + 1));
	assert_true(fail_at(&network, 2, NOW + 2));
	assert_false(fail_at(&network, 1, NOW + 3));
	assert_int_equal(path_advise(&network.state, NOW + 3), PATH_GO);
	assert_true(fail_at(&network, 3, NOW + 4));
	assert_int_equal(path_advise(&network.state, NOW + 4), PATH_AVOID);
	assert_int_equal(network.state.until, NOW + 4 + HOUR);
	/* As for a destination from here on. */
	assert_false(fail_at(&network, 4, NOW + 5));
	assert_int_equal(path_advise(&network.state, network.state.until), PATH_PROBE);
	assert_true(fail_at(&network, 1, network.state.until));
	assert_int_equal(network.state.until - network.state.failed, 2 * HOUR);
}

static void failures_of_other_days_do_not_add_up(void **state)
{
	struct path_network network = {0};

	(void)state;
	assert_true(fail_at(&network, 1, NOW));
	assert_true(fail_at(&network, 2, NOW + DAY));
	assert_int_equal(network.count, 2);
	assert_true(fail_at(&network, 3, NOW + 2 * DAY + 1));
	assert_int_equal(network.count, 1);
	assert_int_equal(path_advise(&network.state, NOW + 2 * DAY + 1), PATH_GO);
}

static void failures_outlive_their_pause(void **state)
{
	struct path_state path = {0};
	const struct path_state unpaused = {.failed = NOW};

	(void)state;
	assert_true(path_failed(&path, NOW));
	assert_int_equal(path_expires(&path), path.until + PATH_LIFE);
	assert_int_equal(path_expires(&unpaused), NOW + DAY);
}

static void grace_is_the_longest_of_three(void **state)
{
	static const struct {
		int64_t rtt_ms, think_ms, grace_ms;
	} cases[] = {
		{-1, 0, 250},
		{0, 0, 250},
		{125, 0, 250},
		{126, 0, 252},
		{50, 1, 251},
		{50, 1000, 1250},
		{700, 1000, 1400},
		/* A path that turns silent is to be noticed. */
		{50, 5000, 5250},
		{50, 60000, 5250},
		{3000, 60000, 6000},
	};

	(void)state;
	for (size_t i = 0; i < suite_length(cases); i++) {
		int64_t rtt_us = cases[i].rtt_ms < 0 ? -1 : cases[i].rtt_ms * 1000;

		assert_int_equal(
			path_grace(rtt_us, cases[i].think_ms * 1000), cases[i].grace_ms * 1000);
	}
}

static void slowness_is_told_by_the_tenth_of_a_second(void **state)
{
	(void)state;
	assert_false(path_think_differs(0, 100000));
	assert_true(path_think_differs(0, 100001));
	assert_true(path_think_differs(1000000, 5000));
	assert_false(path_think_differs(1000000, 900000));
}

static void a_quarter_makes_a_difference(void **state)
{
	(void)state;
	assert_true(path_rtt_differs(-1, 10, 0));
	assert_false(path_rtt_differs(10, -1, 0));
	assert_false(path_rtt_differs(-1, -1, 0));
	assert_false(path_rtt_differs(100000, 125000, 25000));
	assert_true(path_rtt_differs(100000, 125001, 25000));
	assert_false(path_rtt_differs(100000, 75000, 25000));
	assert_true(path_rtt_differs(100000, 74999, 25000));
	/* All that is short is alike. */
	assert_false(path_rtt_differs(100, 25000, 25000));
	assert_false(path_rtt_differs(25000, 100, 25000));
	assert_true(path_rtt_differs(100, 40000, 25000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_known_is_no_obstacle),
		cmocka_unit_test(an_hour_doubles_to_a_day),
		cmocka_unit_test(failures_during_the_pause_do_not_count),
		cmocka_unit_test(one_probe_at_a_time),
		cmocka_unit_test(a_failed_probe_pauses_for_longer),
		cmocka_unit_test(a_wrong_clock_does_not_pause_for_years),
		cmocka_unit_test(three_destinations_pause_a_network),
		cmocka_unit_test(failures_of_other_days_do_not_add_up),
		cmocka_unit_test(failures_outlive_their_pause),
		cmocka_unit_test(grace_is_the_longest_of_three),
		cmocka_unit_test(slowness_is_told_by_the_tenth_of_a_second),
		cmocka_unit_test(a_quarter_makes_a_difference),
	};

	return suite_run_offline("path policy", tests, suite_length(tests));
}
