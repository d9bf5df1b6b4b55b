/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A resolution can be ended at any moment: before it was waited for, while both answers are
 * outstanding, when one is there, when all are there. No descriptor is left, and a thread that waits
 * for the system ends with its own answer. All descriptors are close-on-exec meanwhile.
 */

#include <fcntl.h>

#include "resolve/ask.h"
#include "support/dns.h"
#include "support/etc.h"
#include "support/suite.h"

#include "base/clock.h"

static const struct dns_row rows[] = {
	{"both.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"both.test", DNS_AAAA, "2001:db8::1", 0, DNS_ANSWER, NULL},
	{"half.test", DNS_A, "192.0.2.1", 0, DNS_ANSWER, NULL},
	{"half.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_A, NULL, 0, DNS_SILENCE, NULL},
	{"silent.test", DNS_AAAA, NULL, 0, DNS_SILENCE, NULL},
};

static void check_close_on_exec(struct ask *ask)
{
	int fd = ask->resolve->wake;

	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

/* Ends the resolution of @name after the time, or after the first address if that is before. */
static void cancel_after(const char *name, int64_t ms)
{
	struct address address;
	struct ask ask;

	ask_start(&ask, name, "443", AF_UNSPEC);
	check_close_on_exec(&ask);
	(void)!ask_next(&ask, deadline_in(clock_us(), ms), &address);
	ask_end(&ask);
}

static void test(void **state)
{
	struct dns dns;
	struct ask ask;
	char question[64];

	(void)state;
	dns_start_briefly(&dns, rows, suite_length(rows));
	size_t descriptors = suite_open_descriptors();
	size_t threads = suite_threads();
	ask_start(&ask, "both.test", "443", AF_UNSPEC);
	ask_end(&ask);
	/* The first question has arrived and was not waited for. */
	ask_start(&ask, "silent.test", "443", AF_UNSPEC);
	do
		dns_hear(&dns, question, sizeof(question));
	while (strstr(question, "silent.test") == NULL);
	ask_end(&ask);
	for (int64_t ms = 0; ms < 150; ms += 30) {
		cancel_after("both.test", ms);
		cancel_after("half.test", ms);
		cancel_after("silent.test", ms);
	}
	resolve_free(NULL);
	suite_await_threads(threads);
	assert_int_equal(suite_open_descriptors(), descriptors);
	dns_stop(&dns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	etc_need();
	return suite_run("cancelling leaves nothing", tests, suite_length(tests));
}
