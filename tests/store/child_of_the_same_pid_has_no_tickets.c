/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A child that has its parent's process id, as in a PID namespace of its own, has none of the
 * tickets that the parent keeps in memory.
 */

#include <sched.h>
#include <unistd.h>

#include <sys/wait.h>

#include "fixture.h"

#include "support/net.h"

#define NOT_ALLOWED 77

/* Forks into a new PID namespace, where the child has the id 1. -1: not allowed. */
static pid_t fork_as_1(void)
{
	return unshare(CLONE_NEWPID) == 0 ? fork() : -1;
}

static int status_of(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int take_one(struct tlsfo_store *store)
{
	const struct peer peer = fixture_peer("example.org");
	struct ticket ticket;
	int ret = store_take(store, &peer, fixture_now(), 0, &ticket);

	ticket_clear(&ticket);
	return ret;
}

/* In the first child, whose id is 1. */
static int parent(void)
{
	struct tlsfo_store *store = NULL;

	if (getpid() != 1 || tlsfo_store_new(&store) != 0 ||
		fixture_try_put(store, "example.org", 1, fixture_now()) != 0)
		return 1;
	pid_t pid = fork_as_1();

	if (pid == 0)
		_exit(getpid() == 1 ? 10 + take_one(store) : 2);
	int status = status_of(pid);

	if (status != 10)
		return status;
	status = take_one(store) == 1 ? 0 : 3;
	tlsfo_store_free(store);
	return status;
}

/* The sanitizers cannot end a process that has left for another PID namespace: this one just exits. */
static int in_namespaces(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pid_t first = fork_as_1();

		if (first == 0)
			_exit(parent());
		_exit(first < 0 ? NOT_ALLOWED : status_of(first));
	}
	return status_of(pid);
}

static void only_the_parent_has_them(void **state)
{
	assert_int_equal(*(int *)*state, 0);
}

int main(void)
{
	int status;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(only_the_parent_has_them, &status),
	};

	net_begin();
	status = in_namespaces();
	if (status == NOT_ALLOWED)
		suite_skip("this system does not let the test make a PID namespace");
	return suite_run_offline(
		"child of the same pid has no tickets", tests, suite_length(tests));
}
