/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * tlsfo_socket_connected() leaves the true failure in errno: ECONNREFUSED for a refused port, with
 * data in the SYN and without, and ENOTCONN only where no connection was tried, or where the
 * failure was told already.
 */

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/dial.h"
#include "support/kernel.h"
#include "support/net.h"

static void check_refused(int fd)
{
	dial_wait(fd, POLLOUT);
	errno = 0;
	assert_int_equal(tlsfo_socket_connected(fd), 0);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(tlsfo_socket_connected(fd), 0);
	assert_int_equal(errno, ENOTCONN);
	close(fd);
}

static void test(void **state)
{
	const struct dial *dial = *state;
	uint16_t port = net_unused_port(dial->family);
	int fd = dial_socket(dial);

	errno = 0;
	assert_int_equal(tlsfo_socket_connected(fd), 0);
	assert_int_equal(errno, ENOTCONN);

	assert_int_equal(dial_connect(dial, fd, port), -1);
	assert_int_equal(errno, EINPROGRESS);
	check_refused(fd);

	fd = dial_socket(dial);
	assert_int_equal(dial_fastopen(dial, fd, port, "data", 4), -1);
	assert_int_equal(errno, EINPROGRESS);
	check_refused(fd);

	kernel_fetch_cookie(dial->family);
	fd = dial_socket(dial);
	assert_int_equal(dial_fastopen(dial, fd, port, "data", 4), 4);
	check_refused(fd);

	net_set_fastopen(NET_FASTOPEN_SERVER);
	fd = dial_socket(dial);
	assert_int_equal(dial_fastopen(dial, fd, port, "data", 4), -1);
	assert_int_equal(errno, EINPROGRESS);
	check_refused(fd);

	errno = 0;
	assert_int_equal(tlsfo_socket_connected(-1), 0);
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	return dial_run_nonblocking("connected tells why not", test);
}
