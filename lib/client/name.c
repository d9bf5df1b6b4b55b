/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/name.h"

#include <string.h>

char *name_normalize(const char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (memchr(host, ':', len) != NULL && memchr(host, '%', len) != NULL)
		len = (size_t)((const char *)memchr(host, '%', len) - host);
	if (len > 1 && host[len - 1] == '.')
		len--;
	return strndup(host, len);
}
