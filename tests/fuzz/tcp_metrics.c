/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * net/tcp_metrics: the answers of a netlink socket are any bytes; what they say of a cookie is yes, no or
 * nothing. The input is two answers, each behind its length in two bytes.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "fuzz/target.h"
#include "net/tcp_facts.h"

static struct bytes kernel;
static struct address local;

/* In place of the C library's. */
int getsockname(int fd, struct sockaddr *address, socklen_t *len)
{
	(void)fd;
	memcpy(address, &local.sa, local.len);
	*len = local.len;
	return 0;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	(void)fd;
	(void)data;
	(void)flags;
	return (ssize_t)len;
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
	struct bytes answer = bytes_vector(&kernel, 2);

	(void)fd;
	(void)flags;
	if (answer.failed) {
		errno = EAGAIN;
		return -1;
	}
	/* A datagram is cut. */
	len = answer.len < len ? answer.len : len;
	if (len > 0)
		memcpy(data, answer.at, len);
	return (ssize_t)len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char loopback[16] = {[15] = 1};

	kernel = bytes_of(data, size);
	local = address_ip4("\x7f\0\0\1", 0);
	int known = tcp_cookie_known(0, &local);
	promise(known >= -1 && known <= 1);
	kernel = bytes_of(data, size);
	local = address_ip6(loopback, 0, 0);
	promise(tcp_cookie_known(0, &local) == known);
	return 0;
}
