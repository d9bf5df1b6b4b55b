/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "resolve/source.h"

#include <unistd.h>

struct address source_for(const struct address *address)
{
	struct address source = {.len = sizeof(source.sa)};
	const struct address none = {0};
	/* Connecting a UDP socket selects the route and the source address, and sends nothing. */
	int fd = socket(address_family(address), SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0)
		return none;
	if (connect(fd, &address->sa.any, address->len) != 0 ||
		getsockname(fd, &source.sa.any, &source.len) != 0)
		source = none;
	close(fd);
	return source;
}
