/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/converse.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "support/suite.h"

static void fail_stuck(struct run *run, uint64_t fed, uint64_t got)
{
	fail_msg("stuck with %llu bytes in and %llu bytes out; the command says: %s",
		(unsigned long long)fed, (unsigned long long)got, run_errors(run));
}

static void assert_all(struct run *run, uint64_t got, uint64_t len)
{
	if (got != len)
		fail_msg("%llu bytes came out instead of %llu; the command says: %s",
			(unsigned long long)got, (unsigned long long)len, run_errors(run));
}

static uint64_t feed_some(struct run *run, uint64_t fed, uint64_t len)
{
	unsigned char buf[PIPE_BUF];
	size_t size = len - fed < sizeof(buf) ? (size_t)(len - fed) : sizeof(buf);

	run_pattern(buf, size, fed);
	ssize_t n = write(run->in, buf, size);
	if (n <= 0)
		fail_msg("cannot write; the command says: %s", run_errors(run));
	return fed + (uint64_t)n;
}

/* Returns what was got in all; @ret_ended tells about the end. */
static uint64_t drain_some(struct run *run, uint64_t got, bool *ret_ended)
{
	unsigned char buf[65536];
	ssize_t n = read(run->out, buf, sizeof(buf));

	assert_true(n >= 0);
	if (!run_is_pattern(buf, (size_t)n, got))
		fail_msg("wrong bytes after %llu", (unsigned long long)got);
	*ret_ended = n == 0;
	return got + (uint64_t)n;
}

void converse_feed(struct run *run, uint64_t len)
{
	struct pollfd pfd = {.fd = run->in, .events = POLLOUT};

	for (uint64_t fed = 0; fed < len;) {
		if (poll(&pfd, 1, RUN_PATIENCE_MS) != 1)
			fail_stuck(run, fed, 0);
		fed = feed_some(run, fed, len);
	}
}

void converse_drain(struct run *run, uint64_t len)
{
	struct pollfd pfd = {.fd = run->out, .events = POLLIN};
	uint64_t got = 0;

	for (bool ended = false; !ended;) {
		if (poll(&pfd, 1, RUN_PATIENCE_MS) != 1)
			fail_stuck(run, 0, got);
		got = drain_some(run, got, &ended);
	}
	assert_all(run, got, len);
}

void converse(struct run *run, uint64_t len)
{
	uint64_t fed = 0;
	uint64_t got = 0;

	for (bool ended = false; !ended;) {
		struct pollfd pfds[] = {
			{.fd = run->in, .events = POLLOUT},
			{.fd = run->out, .events = POLLIN},
		};

		if (poll(pfds, 2, RUN_PATIENCE_MS) < 1)
			fail_stuck(run, fed, got);
		if (pfds[0].revents != 0)
			fed = feed_some(run, fed, len);
		if (fed == len && run->in >= 0)
			run_end_input(run);
		if (pfds[1].revents != 0)
			got = drain_some(run, got, &ended);
	}
	assert_int_equal(fed, len);
	assert_all(run, got, len);
}
