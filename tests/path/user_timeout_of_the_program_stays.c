/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A TCP_USER_TIMEOUT that the program has set itself stays on the socket, while it is not known whether the path
 * carries what follows the SYN and when it is.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "path.h"

enum { OWN_MS = 61000 };

static int set_own(int fd, int family, void *userdata)
{
	const unsigned int ms = OWN_MS;

	(void)family;
	(void)userdata;
	return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)) == 0 ? 0 : errno;
}

static void expect_own(const struct path *path)
{
	unsigned int ms = 0;
	socklen_t len = sizeof(ms);

	assert_int_equal(getsockopt(path_fd(path), IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &len), 0);
	assert_int_equal(ms, OWN_MS);
}

static void fact(struct path *path)
{
	assert_int_equal(tlsfo_config_set_socket_hook(path_config(path), set_own, NULL), 0);
	path_fetch_cookie(path);
	path_visit(path);
	assert_int_equal(path->ret, 0);
	path_expect_kernel(path, true, KERNEL_FAIL_NONE);
	expect_own(path);
	path_talk(path);
	expect_own(path);
}

int main(void)
{
	return path_run("a user timeout of the program stays", fact, PATH_CLIENT);
}
