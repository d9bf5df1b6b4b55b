/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Sockets are close-on-exec, non-blocking or blocking as their name says, of the right family, and
 * IPv6 ones take IPv4-mapped addresses, whatever net.ipv6.bindv6only says.
 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsfo/socket.h>

#include "support/net.h"
#include "support/suite.h"

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void check(int fd, int family, bool blocking)
{
	assert_true(fd >= 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0, blocking);
	assert_int_equal(option(fd, SOL_SOCKET, SO_DOMAIN), family);
	assert_int_equal(option(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	if (family == AF_INET6)
		assert_int_equal(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
	close(fd);
}

static void all_kinds(void **state)
{
	(void)state;
	check(tlsfo_socket_tcp4(), AF_INET, false);
	check(tlsfo_socket_tcp4b(), AF_INET, true);
	net_set_v6only(false);
	check(tlsfo_socket_tcp6(), AF_INET6, false);
	check(tlsfo_socket_tcp6b(), AF_INET6, true);
	net_set_v6only(true);
	check(tlsfo_socket_tcp6(), AF_INET6, false);
	check(tlsfo_socket_tcp6b(), AF_INET6, true);
}

static void no_descriptor_left(void **state)
{
	struct rlimit old;
	struct rlimit none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	int fd4 = tlsfo_socket_tcp4();
	int error4 = errno;
	int fd6 = tlsfo_socket_tcp6b();
	int error6 = errno;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(fd4, -1);
	assert_int_equal(error4, EMFILE);
	assert_int_equal(fd6, -1);
	assert_int_equal(error6, EMFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds),
		cmocka_unit_test(no_descriptor_left),
	};

	return suite_run("sockets are made as promised", tests, suite_length(tests));
}
