/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Parent and child go on with a store after fork(2), and no ticket is used by both: a directory is
 * shared, and a store in memory is empty in the child.
 */

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/wait.h>

#include "fixture.h"

#define TICKETS 4
#define FORKS	200

/* Unlike the C library's, AddressSanitizer's allocator is locked in a child when a thread of the parent was
 * in it: the last fact is left to the other builds. */
#ifdef __SANITIZE_ADDRESS__
#define LEFT_OUT 1
#else
#define LEFT_OUT 0
#endif

/* How many tickets of the host are there, taking them all. -1: something is wrong. */
static int drain(struct tlsfo_store *store, int64_t now)
{
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;
	int count = 0;
	int ret;

	while ((ret = store_take(store, &peer, now, 0, &ticket)) == 1) {
		count += fixture_id(&ticket) != 0;
		ticket_clear(&ticket);
	}
	return ret < 0 ? -1 : count;
}

/* Runs @child in a child process and returns its exit status. */
static int in_child(int (*child)(struct tlsfo_store *store), struct tlsfo_store *store)
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* A child that stands still is ended. */
		alarm(60);
		_exit(child(store));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int drain_and_free(struct tlsfo_store *store)
{
	int count = drain(store, fixture_now());

	tlsfo_store_free(store);
	return count;
}

/* 100 for a store that works, and what it held besides. */
static int use(struct tlsfo_store *store)
{
	int64_t now = fixture_now();
	int held = drain(store, now);

	if (fixture_try_put(store, "example.org", 5, now) != 0 || drain(store, now) != 1)
		return 1;
	if (fixture_try_put(store, "example.org", 6, now) != 0)
		return 1;
	/* A grandchild, too, holds nothing of ours. */
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(drain_and_free(store));
	if (waitpid(pid, &status, 0) != pid || status != 0 || drain(store, now) != 1)
		return 2;
	tlsfo_store_free(store);
	return 100 + held;
}

static void memory_is_empty_in_the_child(void **state)
{
	struct tlsfo_store *store = fixture_memory();

	(void)state;
	for (uint64_t id = 1; id <= TICKETS; id++)
		fixture_put(store, "example.org", id, fixture_now());
	assert_int_equal(in_child(use, store), 100);
	assert_int_equal(in_child(drain_and_free, store), 0);
	/* The parent's are the parent's. */
	assert_int_equal(drain(store, fixture_now()), TICKETS);
	tlsfo_store_free(store);
}

static void directory_is_shared(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	for (int round = 0; round < 50; round++) {
		struct tlsfo_store *store = fixture_open(&fixture);

		for (uint64_t id = 1; id <= TICKETS; id++)
			fixture_put(store, "example.org", id, fixture_now());
		/* Both at once. */
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			_exit(drain_and_free(store));
		int ours = drain(store, fixture_now());

		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(ours + WEXITSTATUS(status), TICKETS);
		tlsfo_store_free(store);
	}
	fixture_remove(&fixture);
}

static atomic_bool stop;

static void *keep_busy(void *store)
{
	while (!atomic_load(&stop)) {
		const struct peer peer = fixture_peer("example.net");
		struct ticket ticket;

		if (fixture_try_put(store, "example.net", 1, fixture_now()) != 0)
			return store;
		if (store_take(store, &peer, fixture_now(), 0, &ticket) < 0)
			return store;
		ticket_clear(&ticket);
	}
	return NULL;
}

/* In a child. Its end is sudden, because what threads of the parent held is lost to it, rightly. */
static _Noreturn void put_and_drain(struct tlsfo_store *store)
{
	alarm(60);
	if (drain(store, fixture_now()) != 0 ||
		fixture_try_put(store, "example.org", 1, fixture_now()) != 0 ||
		drain(store, fixture_now()) != 1)
		_exit(1);
	raise(SIGKILL);
	_exit(2);
}

/* Whatever a thread of the parent was at in that moment, it holds up nobody in the child. */
static void busy_thread_holds_up_no_child(void **state)
{
	struct tlsfo_store *store = fixture_memory();
	pthread_t thread;
	void *result;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, keep_busy, store), 0);
	for (int i = 0; i < FORKS; i++) {
		int status = -1;
		pid_t pid = fork();

		if (pid == 0)
			put_and_drain(store);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_null(result);
	tlsfo_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_empty_in_the_child),
		cmocka_unit_test(directory_is_shared),
		cmocka_unit_test(busy_thread_holds_up_no_child),
	};

	return suite_run_offline(
		"fork leaves no ticket twice", tests, suite_length(tests) - LEFT_OUT);
}
