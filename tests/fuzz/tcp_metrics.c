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

/* In place of the C library's. */
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
	const struct address one = address_ip4("\x7f\0\0\1", 0);
	static const char loopback[16] = {[15] = 1};
	const struct address other = address_ip6(loopback, 0, 0);

	kernel = bytes_of(data, size);
	int known = tcp_cookie_known(&one, &one);
	promise(known >= -1 && known <= 1);
	kernel = bytes_of(data, size);
	promise(tcp_cookie_known(&other, &other) == known);
	return 0;
}
