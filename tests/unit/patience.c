/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* client/patience: of many connections that wait for the same server one tries what is in the way. */

#include <sys/wait.h>
#include <unistd.h>

#include "open/patience.h"
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

static void slow_server_gets_the_time_it_took(void **state)
{
	const int64_t took = 1000000;
	const int64_t slow = SINCE + took + PATIENCE_GRACE_US;
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	/* Of the server what was before tells, too. */
	patience_took(&patience, &address, took, SINCE - 1);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), slow);
	assert_int_equal(patience_until(&patience, &address, SINCE, slow - 1), slow);
	assert_int_equal(patience_until(&patience, &address, SINCE, slow), slow);
	/* Unless the path is known to be silent. */
	patience_silent(&patience, &address, NOW);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
	patience_deinit(&patience);
}

static void slowness_is_forgotten(void **state)
{
	const int64_t later = SINCE + PATIENCE_KNOWN_US;
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	/* By time, */
	patience_took(&patience, &address, 1000000, SINCE);
	assert_int_equal(patience_until(&patience, &address, later - 1, later), later);
	/* by an answer that came soon, */
	patience_took(&patience, &address, 1000000, later);
	patience_took(&patience, &address, PATIENCE_GRACE_US - 1, later);
	const int64_t now = later + PATIENCE_PROBE_US + PATIENCE_GRACE_US;
	assert_int_equal(patience_until(&patience, &address, later + PATIENCE_PROBE_US, now), now);
	patience_deinit(&patience);
}

static void slowness_has_an_end(void **state)
{
	struct patience patience;
	const struct address address = here(443);

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	patience_took(&patience, &address, 10 * PATIENCE_TIME_US, SINCE);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW),
		SINCE + PATIENCE_TIME_US + PATIENCE_GRACE_US);
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

static void child_waits_for_no_thread_of_its_parent(void **state)
{
	struct patience patience;
	const struct address address = here(443);
	int status = -1;

	(void)state;
	assert_int_equal(patience_init(&patience), 0);
	patience_silent(&patience, &address, NOW);
	/* As another thread would, in the moment of the fork. */
	pthread_mutex_lock(&patience.lock);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(30);
		patience_silent(&patience, &address, NOW);
		int64_t until = patience_until(&patience, &address, SINCE, NOW + 1);
		patience_deinit(&patience);
		_exit(until != NOW + 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	pthread_mutex_unlock(&patience.lock);
	assert_int_equal(patience_until(&patience, &address, SINCE, NOW), NOW);
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
		cmocka_unit_test(slow_server_gets_the_time_it_took),
		cmocka_unit_test(slowness_is_forgotten),
		cmocka_unit_test(slowness_has_an_end),
		cmocka_unit_test(silence_is_told_to_all),
		cmocka_unit_test(child_waits_for_no_thread_of_its_parent),
		cmocka_unit_test(more_servers_than_it_knows),
	};

	return suite_run_offline("patience", tests, suite_length(tests));
}
