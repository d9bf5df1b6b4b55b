/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/host.h"

#include <string.h>

const char *host_bare(const char *host, size_t *ret_len)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len > 1 && host[len - 1] == '.')
		len--;
	*ret_len = len;
	return host;
}

bool host_may_be_name(const char *host, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)host[i] <= ' ' || host[i] == 0x7f)
			return false;
	return len > 0 && !(len == 1 && host[0] == '.');
}
