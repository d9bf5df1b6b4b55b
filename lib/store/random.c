/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/random.h"

#include <errno.h>

#include <sys/random.h>

#include "store/disk.h"

bool random_bytes(void *ret_data, size_t len)
{
	unsigned char *data = ret_data;
	unsigned int signals = 0;

	while (len > 0) {
		ssize_t n = getrandom(data, len, 0);

		if (n < 0 && errno == EINTR && signals++ < DISK_SIGNALS_MOST)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}
