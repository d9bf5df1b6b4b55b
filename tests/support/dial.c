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

static struct dial dials[] = {
	{AF_INET, false, false},
	{AF_INET6, false, false},
	{AF_INET, true, false},
	{AF_INET, false, true},
	{AF_INET6, false, true},
	{AF_INET, true, true},
};

static int run(const char *fact, CMUnitTestFunction test, size_t first, size_t end)
{
	static const char *const names[] = {"IPv4, non-blocking", "IPv6, non-blocking",
		"IPv4-mapped, non-blocking", "IPv4, blocking", "IPv6, blocking",
		"IPv4-mapped, blocking"};
	struct CMUnitTest tests[suite_length(dials)];

	for (size_t i = first; i < end; i++)
		tests[i - first] = (struct CMUnitTest){
			.name = names[i],
			.test_func = test,
			.initial_state = &dials[i],
		};
	return suite_run(fact, tests, end - first);
}

int dial_run(const char *fact, CMUnitTestFunction test)
{
	return run(fact, test, 0, suite_length(dials));
}

int dial_run_blocking(const char *fact, CMUnitTestFunction test)
{
	return run(fact, test, 3, 6);
}

int dial_run_nonblocking(const char *fact, CMUnitTestFunction test)
{
	return run(fact, test, 0, 3);
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
