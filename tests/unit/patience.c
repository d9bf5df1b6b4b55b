/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* client/patience: of many connections that wait for the same server one tries what is in the way. */

#include "client/patience.h"
#include "support/suite.h"

/* The attempt's data was acknowledged, and its time is over. */
#define SINCE 1000000
#define NOW   1250000

static struct address here(uint16_t port)
{
	return address_ip4("\300\0\2\1", port);
}

static void alone_it_waits_for_nobody(void **state)
{
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
	patience_deinit(&patience);
}

static void of_many_one_tries(void **state)
{
	struct patience patience;
	const struct address address = here(443);
	const struct address other = here(853);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
	assert_true(patience_until(&patience, &address, SINCE, NOW + 1) > NOW + 1);
	/* Not for another server. */
	assert_int_equal(patience_until(&patience, &other, SINCE, NOW + 1), NOW + 1);
	/* Not without end. */
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW + PATIENCE_PROBE_US),
		NOW + PATIENCE_PROBE_US);
	patience_deinit(&patience);
}

static void answers_to_others_give_time(void **state)
{
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	patience_answered(&patience, &address, SINCE + 1);
	assert_int_equal(
		patience_until(&patience, &address, SINCE, NOW), SINCE + 1 + PATIENCE_ANSWERED_US);
	/* An answer from before says nothing of the path as it is now. */
	assert_int_equal(patience_until(&patience, &address, SINCE + 2, NOW), NOW);
	patience_deinit(&patience);
}

static void silence_is_told_to_all(void **state)
{
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
	assert_true(patience_until(&patience, &address, SINCE, NOW + 1) > NOW + 1);
	patience_silent(&patience, &address, NOW + 2);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW + 3), NOW + 3);
	patience_deinit(&patience);
}

static void more_servers_than_it_knows(void **state)
{
	struct patience patience;

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	for (uint16_t i = 1; i <= 3 * PATIENCE_PEERS; i++) {
		const struct address address = here(i);

		assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
		assert_true(patience_until(&patience, &address, SINCE, NOW) > NOW);
	}
	patience_deinit(&patience);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_it_waits_for_nobody),
		cmocka_unit_test(of_many_one_tries),
		cmocka_unit_test(answers_to_others_give_time),
		cmocka_unit_test(silence_is_told_to_all),
		cmocka_unit_test(more_servers_than_it_knows),
	};

	return suite_run_offline("patience", tests, suite_length(tests));
}
