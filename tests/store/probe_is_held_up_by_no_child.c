/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A child that is forked while a thread makes its probe known has that thread's descriptors; they keep nobody
 * from probing while it lives. Linked with --wrap, so that the fork comes in that moment.
 */

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <sys/wait.h>

#include "trail.h"

#define HOUR 3600

static bool armed;
static pid_t child = -1;

int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);

/* The probe's mark is put in its place. */
int __wrap_renameat(int from, const char *old, int to, const char *name)
{
	if (armed) {
		armed = false;
		child = fork();
		if (child == 0) {
			alarm(60);
			pause();
			_exit(1);
		}
	}
	return __real_renameat(from, old, to, name);
}

static void test(void **state)
{
	int64_t now = fixture_now();
	struct fixture fixture;

	(void)state;
	fixture_make(&fixture);
	struct tlsfo_store *store = fixture_open(&fixture);

	trail_fail(store, 1, now);
	trail_fail(store, 2, now);
	armed = true;
	assert_true(trail_probe(store, 1, now + HOUR));
	assert_true(child > 0);
	bool probes = trail_probe(store, 2, now + HOUR);

	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(probes);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"a child is forked while a probe begins", test, NULL, NULL, NULL},
	};

	return suite_run_offline("probe is held up by no child", tests, suite_length(tests));
}
