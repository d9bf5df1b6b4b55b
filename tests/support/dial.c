/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#define PATIENCE_MS 30000

static const char ip4[4] = {127, 0, 0, 1};
static const char ip6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static const char ip4_mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff', 127, 0, 0, 1};

static const struct {
	const char *name;
	struct dial dial;
} kinds[] = {
	{"IPv4, non-blocking", {AF_INET, false, false, NULL}},
	{"IPv6, non-blocking", {AF_INET6, false, false, NULL}},
	{"IPv4-mapped, non-blocking", {AF_INET, true, false, NULL}},
	{"IPv4, blocking", {AF_INET, false, true, NULL}},
	{"IPv6, blocking", {AF_INET6, false, true, NULL}},
	{"IPv4-mapped, blocking", {AF_INET, true, true, NULL}},
};

enum { KINDS = suite_length(kinds), ROWS_MAX = 8, NAME_SIZE = 128 };

/* Adds the kinds from @first on that the fact is to be run for. */
static void add(const char *fact, const void *row, size_t first, size_t count,
	CMUnitTestFunction test, struct CMUnitTest *tests)
{
	static struct dial dials[ROWS_MAX * KINDS];
	static char names[ROWS_MAX * KINDS][NAME_SIZE];
	static size_t used;

	for (size_t i = 0; i < count; i++, used++) {
		dials[used] = kinds[first + i].dial;
		dials[used].row = row;
		snprintf(names[used], NAME_SIZE, "%s: %s", fact, kinds[first + i].name);
		tests[i] = (struct CMUnitTest){
			.name = names[used],
			.test_func = test,
			.initial_state = &dials[used],
		};
	}
}

int dial_run_rows(
	const char *group, CMUnitTestFunction test, const void *rows, size_t size, size_t count)
{
	struct CMUnitTest tests[ROWS_MAX * KINDS];

	if (count > ROWS_MAX)
		suite_abort("%zu rows are more than %d", count, ROWS_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct dial_fact *fact = (const void *)((const char *)rows + i * size);

		add(fact->name, fact, 0, KINDS, test, tests + i * KINDS);
	}
	return suite_run(group, tests, count * KINDS);
}

static int run(const char *fact, CMUnitTestFunction test, size_t first)
{
	struct CMUnitTest tests[KINDS / 2];

	add(fact, NULL, first, KINDS / 2, test, tests);
	return suite_run(fact, tests, KINDS / 2);
}

int dial_run_blocking(const char *fact, CMUnitTestFunction test)
{
	return run(fact, test, KINDS / 2);
}

int dial_run_nonblocking(const char *fact, CMUnitTestFunction test)
{
	return run(fact, test, 0);
}

int dial_socket(const struct dial *dial)
{
	int fd;

	if (dial->family == AF_INET && !dial->mapped)
		fd = dial->blocking ? tlsfo_socket_tcp4b() : tlsfo_socket_tcp4();
	else
		fd = dial->blocking ? tlsfo_socket_tcp6b() : tlsfo_socket_tcp6();
	assert_true(fd >= 0);
	return fd;
}

int dial_connect(const struct dial *dial, int fd, uint16_t port)
{
	if (dial->mapped)
		return tlsfo_socket_connect6(fd, ip4_mapped, port, 0);
	if (dial->family == AF_INET6)
		return tlsfo_socket_connect6(fd, ip6, port, 0);
	return tlsfo_socket_connect4(fd, ip4, port);
}

ssize_t dial_fastopen(const struct dial *dial, int fd, uint16_t port, const void *buf, size_t len)
{
	if (dial->mapped)
		return tlsfo_socket_fastopen_connect6(fd, ip4_mapped, port, 0, buf, len);
	if (dial->family == AF_INET6)
		return tlsfo_socket_fastopen_connect6(fd, ip6, port, 0, buf, len);
	return tlsfo_socket_fastopen_connect4(fd, ip4, port, buf, len);
}

short dial_wait(int fd, short events)
{
	struct pollfd pfd = {.fd = fd, .events = events};

	if (poll(&pfd, 1, PATIENCE_MS) != 1)
		fail_msg("waiting for %s, and nothing happens",
			(events & POLLOUT) != 0 ? "writable" : "readable");
	return pfd.revents;
}

void dial_expect(int fd, const void *expected, size_t len)
{
	char buf[8192];
	size_t got = 0;

	assert_true(len <= sizeof(buf));
	while (got < len) {
		dial_wait(fd, POLLIN);
		ssize_t n = read(fd, buf + got, len - got);
		if (n <= 0)
			fail_msg("%zu of %zu bytes came, then: %s", got, len,
				n == 0 ? "the end" : strerror(errno));
		got += (size_t)n;
	}
	assert_memory_equal(buf, expected, len);
}
