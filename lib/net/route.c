/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/route.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"

bool route_source(const struct address *to, struct address *ret_source)
{
	/* To connect a datagram socket is but to look up the route (udp(7)). */
	int fd = socket(address_family(to), SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return false;
	bool ok = connect(fd, &to->sa.any, to->len) == 0 && stream_local_address(fd, ret_source);

	close(fd);
	return ok;
}
