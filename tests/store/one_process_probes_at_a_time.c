/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* When time is up one probes, whoever else comes along; when nothing is heard of it for a minute,
 * another does. */

#include <unistd.h>

#include <sys/wait.h>

#include "trail.h"

#define HOUR	3600
#define WORKERS 8
#define ROUNDS	50

static void only_one_holds_it(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	trail_fail(store, 1, now);
	assert_false(trail_probe(store, 1, now + HOUR - 1));
	assert_true(trail_probe(store, 1, now + HOUR));
	assert_int_equal(trail_advice(store, 1, now + HOUR), PATH_AVOID);
	assert_false(trail_probe(store, 1, now + HOUR));
	assert_false(trail_probe(store, 1, now + HOUR + PATH_PROBE_TIME - 1));
	/* It died. */
	assert_int_equal(trail_advice(store, 1, now + HOUR + PATH_PROBE_TIME), PATH_PROBE);
	assert_true(trail_probe(store, 1, now + HOUR + PATH_PROBE_TIME));
	assert_false(trail_probe(store, 1, now + HOUR + PATH_PROBE_TIME));
	/* It ended without telling anything. */
	const struct path_place place = trail_place(1);

	path_store_probe_end(trail_of(store), &place, now + HOUR + PATH_PROBE_TIME);
	assert_true(trail_probe(store, 1, now + HOUR + PATH_PROBE_TIME));
	/* It failed. */
	trail_fail(store, 1, now + HOUR + PATH_PROBE_TIME);
	assert_false(trail_probe(store, 1, now + 3 * HOUR));
	assert_true(trail_probe(store, 1, now + 3 * HOUR + PATH_PROBE_TIME));
}

static void each_kind(void **state)
{
	(void)state;
	fixture_each_kind(only_one_holds_it);
}

/* How many of the processes, which begin together, probe. */
static int race(const struct fixture *fixture, int64_t now)
{
	int gate[2], probes = 0;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < WORKERS; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid > 0)
			continue;
		struct tlsfo_store *store = fixture_open(fixture);
		char nothing;

		close(gate[1]);
		if (read(gate[0], &nothing, 1) != 0)
			_exit(2);
		_exit(trail_probe(store, 1, now));
	}
	close(gate[0]);
	close(gate[1]);
	for (int i = 0; i < WORKERS; i++) {
		int status = -1;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		probes += WEXITSTATUS(status);
	}
	return probes;
}

static void one_of_eight_processes(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	for (int i = 0; i < ROUNDS; i++) {
		trail_succeed(store, 1);
		trail_fail(store, 1, now);
		assert_int_equal(race(&fixture, now + HOUR), 1);
	}
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(one_of_eight_processes),
	};

	return suite_run_offline("one process probes at a time", tests, suite_length(tests));
}
