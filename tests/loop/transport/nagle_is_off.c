/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * TCP_NODELAY is set: a handshake is made of small writes, and each would wait for the other's
 * acknowledgement.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "support/net.h"
#include "support/visit.h"

static int nodelay(int fd)
{
	int on = -1;
	socklen_t len = sizeof(on);

	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	return on;
}

static void test(void **state)
{
	const struct way *way = *state;
	struct visit visit;

	visit_prepare(&visit, way, 443);
	assert_int_equal(nodelay(visit.fd), 0);
	visit_attach(&visit, way, 0);
	assert_int_equal(nodelay(visit.fd), 1);
	visit_close(&visit);
}

int main(void)
{
	return way_run("Nagle is off", test, WAY_ALL);
}
