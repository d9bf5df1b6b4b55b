/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A child that is forked while all threads look names up looks names up with threads of its own. It
 * can free what it inherited, and takes nothing from its parent.
 */

#include <sys/wait.h>
#include <unistd.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#include "base/clock.h"

/* Some wait for a thread. */
#define MANY (RESOLVE_THREADS + 4)

static const struct dns_row rows[] = {
	{"slow.test", DNS_A, "192.0.2.1", 800, DNS_ANSWER, NULL},
	{"slow.test", DNS_AAAA, NULL, 800, DNS_ANSWER, NULL},
	{"both.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"both.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
};

static struct ask asks[MANY];

static void test(void **state)
{
	size_t threads = suite_threads();
	struct dns dns;
	char question[64];
	int status;

	(void)state;
	dns_start(&dns, rows, suite_length(rows));
	for (size_t i = 0; i < MANY; i++)
		ask_start(&asks[i], "slow.test", "443", AF_UNSPEC);
	/* In the moment before, the threads may hold locks of the C library, which a child never gets. */
	for (size_t i = 0; i < 2 * RESOLVE_THREADS; i++)
		dns_hear(&dns, question, sizeof(question));
	/* One that is given up while a thread is at it. */
	ask_end(&asks[0]);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(20);
		/* The parent's threads answer nothing here. */
		resolve_advance(asks[1].resolve, clock_us());
		assert_int_equal(asks[1].resolve->wake, -1);
		for (size_t i = 1; i < MANY; i++)
			ask_end(&asks[i]);
		ask_whole("both.test", AF_UNSPEC, "2001:db8::1 192.0.2.1");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (size_t i = 1; i < MANY; i++) {
		ask_expect(&asks[i], "192.0.2.1");
		ask_end(&asks[i]);
	}
	/* The name server answers what was given up as well. */
	suite_await_threads(threads);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("a forked child asks by itself", tests, suite_length(tests));
}
