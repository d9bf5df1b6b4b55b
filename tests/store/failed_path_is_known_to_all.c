/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Where fast open failed is known to whoever has the store: later in the same process, through
 * another object on the directory, and in other processes; success is known to all as well.
 */

#include <unistd.h>

#include <sys/wait.h>

#include "trail.h"

#define HOUR 3600

static void keeps_and_clears(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	assert_int_equal(trail_advice(store, 1, now), PATH_GO);
	trail_fail(store, 1, now);
	assert_int_equal(trail_advice(store, 1, now), PATH_AVOID);
	assert_int_equal(trail_advice(store, 1, now + HOUR - 1), PATH_AVOID);
	assert_int_equal(trail_advice(store, 1, now + HOUR), PATH_PROBE);
	/* Nobody else suffers: neither other addresses nor other ports. */
	struct path_place place = trail_place(1);
	bool known = true;

	assert_int_equal(trail_advice(store, 2, now), PATH_GO);
	place.destination.port = 853;
	assert_int_equal(path_store_advise(trail_of(store), &place, now, &known), PATH_GO);
	/* The network has an entry by now. */
	assert_true(known);
	trail_fail(store, 1, now + HOUR);
	assert_int_equal(trail_advice(store, 1, now + 3 * HOUR - 1), PATH_AVOID);
	trail_succeed(store, 1);
	assert_int_equal(trail_advice(store, 1, now + HOUR), PATH_GO);
	assert_int_equal(path_store_advise(trail_of(store), &place, now, &known), PATH_GO);
	assert_false(known);
}

/* The clock was a day ahead, and has been set back: nothing that it wrote holds. */
static void nothing_from_the_future_holds(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	trail_fail(store, 1, now + 24 * HOUR);
	trail_answer(store, 1, 40000, now + 24 * HOUR);
	assert_int_equal(trail_advice(store, 1, now), PATH_GO);
	assert_int_equal(trail_rtt(store, 1, now), -2);
	trail_fail(store, 1, now);
	assert_int_equal(trail_advice(store, 1, now + HOUR), PATH_PROBE);
}

static void hosts_keep_their_address(struct tlsfo_store *store)
{
	int64_t now = fixture_now();

	assert_int_equal(trail_rtt(store, 1, now), -2);
	trail_answer(store, 1, 40000, now);
	assert_int_equal(trail_rtt(store, 1, now), 40000);
	assert_int_equal(trail_rtt(store, 2, now), -2);
	trail_answer(store, 1, -1, now);
	assert_int_equal(trail_rtt(store, 1, now + PATH_HOST_LIFE - 1), -1);
	assert_int_equal(trail_rtt(store, 1, now + PATH_HOST_LIFE), -2);
	/* Letters of either case are the same host. */
	struct record record;

	assert_true(path_store_host(trail_of(store), "HOST-1.Example", 443, now, &record));
	assert_false(path_store_host(trail_of(store), "host-1.example", 444, now, &record));
}

/* The time that a server took stands beside, and each leaves the other alone. */
static void servers_keep_their_time(struct tlsfo_store *store)
{
	const struct path_place place = trail_place(1);
	struct record record;
	int64_t now = fixture_now();

	path_store_thought(trail_of(store), place.host, &place.destination, 1000000, now);
	assert_true(path_store_host(trail_of(store), place.host, 443, now, &record));
	assert_int_equal(record.think_us, 1000000);
	assert_int_equal(record.rtt_us, -1);
	trail_answer(store, 1, 40000, now);
	/* About the same is no news; it is not written. */
	path_store_thought(trail_of(store), place.host, &place.destination, 1080000, now + 1);
	assert_true(path_store_host(trail_of(store), place.host, 443, now, &record));
	assert_int_equal(record.think_us, 1000000);
	assert_int_equal(record.rtt_us, 40000);
	assert_int_equal(record.written, now);
	path_store_thought(trail_of(store), place.host, &place.destination, 200000, now + 1);
	assert_true(path_store_host(trail_of(store), place.host, 443, now, &record));
	assert_int_equal(record.think_us, 200000);
}

/* Three of them, and no success in between. */
static void networks_pause(struct tlsfo_store *store)
{
	int64_t now = fixture_now();
	struct path_place elsewhere = trail_place(9);
	bool known;

	trail_fail(store, 1, now);
	trail_fail(store, 2, now);
	trail_succeed(store, 7);
	trail_fail(store, 3, now);
	assert_int_equal(trail_advice(store, 9, now), PATH_GO);
	trail_fail(store, 4, now);
	trail_fail(store, 5, now);
	assert_int_equal(trail_advice(store, 9, now), PATH_AVOID);
	elsewhere.network.bytes[2] = 3;
	assert_int_equal(path_store_advise(trail_of(store), &elsewhere, now, &known), PATH_GO);
	elsewhere.network.family = 0;
	assert_int_equal(path_store_advise(trail_of(store), &elsewhere, now, &known), PATH_GO);
	assert_int_equal(trail_advice(store, 9, now + HOUR), PATH_PROBE);
	trail_succeed(store, 9);
	assert_int_equal(trail_advice(store, 8, now), PATH_GO);
	assert_int_equal(trail_advice(store, 5, now), PATH_AVOID);
}

static void each_kind(void **state)
{
	(void)state;
	fixture_each_kind(keeps_and_clears);
	fixture_each_kind(hosts_keep_their_address);
	fixture_each_kind(servers_keep_their_time);
	fixture_each_kind(networks_pause);
	fixture_each_kind(nothing_from_the_future_holds);
}

static void two_objects(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *one = fixture_open(&fixture);
	struct tlsfo_store *two = fixture_open(&fixture);

	trail_fail(one, 1, now);
	trail_answer(one, 1, 1234, now);
	assert_int_equal(trail_advice(two, 1, now), PATH_AVOID);
	assert_int_equal(trail_rtt(two, 1, now), 1234);
	trail_succeed(two, 1);
	assert_int_equal(trail_advice(one, 1, now), PATH_GO);
	tlsfo_store_free(one);
	tlsfo_store_free(two);
	fixture_remove(&fixture);
}

static void two_processes(void **state)
{
	struct fixture fixture;
	int64_t now = fixture_now();
	int status = -1;

	(void)state;
	fixture_make(&fixture);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct tlsfo_store *store = fixture_open(&fixture);

		trail_fail(store, 1, now);
		tlsfo_store_free(store);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	struct tlsfo_store *store = fixture_open(&fixture);

	assert_int_equal(trail_advice(store, 1, now), PATH_AVOID);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

/* The child of a fork begins anew, and does its parent no harm. */
static void child_has_a_memory_of_its_own(void **state)
{
	struct tlsfo_store *store = fixture_memory();
	int64_t now = fixture_now();
	int status = -1;

	(void)state;
	trail_fail(store, 1, now);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		bool anew = trail_advice(store, 1, now) == PATH_GO;

		trail_fail(store, 2, now);
		anew = anew && trail_advice(store, 2, now) == PATH_AVOID;
		tlsfo_store_free(store);
		_exit(anew ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(trail_advice(store, 1, now), PATH_AVOID);
	assert_int_equal(trail_advice(store, 2, now), PATH_GO);
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),
		cmocka_unit_test(two_objects),
		cmocka_unit_test(two_processes),
		cmocka_unit_test(child_has_a_memory_of_its_own),
	};

	return suite_run_offline("failed path is known to all", tests, suite_length(tests));
}
