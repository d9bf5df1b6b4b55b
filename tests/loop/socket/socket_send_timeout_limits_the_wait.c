/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * SO_SNDTIMEO limits how long a blocking socket waits for its connection, as with connect(2): the
 * result is EINPROGRESS, or the bytes that the SYN took, and the connection goes on being made.
 */

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <tlsfo/tlsfo.h>

#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"
#include "support/storm.h"

#define LIMIT_MS 300

static int limited_socket(const struct dial *dial)
{
	const struct timeval limit = {.tv_usec = LIMIT_MS * 1000};
	int fd = dial_socket(dial);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

static void check_fastopen(const struct dial *dial, const char *data, size_t len, ssize_t expected)
{
	int fd = limited_socket(dial);
	int64_t before = tlsfo_now();

	errno = 0;
	assert_int_equal(dial_fastopen(dial, fd, 443, data, len), expected);
	assert_true(expected >= 0 || errno == EINPROGRESS);
	/* The kernel's clock for this has ticks of up to ten milliseconds. */
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	assert_true(kernel_facts(fd).connecting);
	close(fd);
}

static void check_plain(const struct dial *dial)
{
	int fd = limited_socket(dial);
	int64_t before = tlsfo_now();

	assert_int_equal(dial_connect(dial, fd, 443), -1);
	assert_int_equal(errno, EINPROGRESS);
	assert_true(tlsfo_now() - before >= LIMIT_MS - 20);
	assert_true(kernel_facts(fd).connecting);
	close(fd);
}

static void test(void **state)
{
	const struct dial *dial = *state;

	net_filter(NET_DROP_SYN);
	check_plain(dial);
	check_fastopen(dial, "data", 4, -1);
	check_fastopen(dial, NULL, 0, -1);
	/* Signals do not prolong it. */
	storm_begin(false);
	check_fastopen(dial, "data", 4, -1);
	storm_end();
	net_filter_none();
	kernel_fetch_cookie(dial->family);
	net_filter(NET_DROP_SYN);
	check_fastopen(dial, "data", 4, 4);
}

int main(void)
{
	net_begin();
	net_need_filter();
	return dial_run_blocking("SO_SNDTIMEO limits the wait", test);
}
