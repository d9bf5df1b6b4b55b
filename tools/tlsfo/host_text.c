/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host_text.h"

#include <stdio.h>
#include <string.h>

void host_text(const char *host, char *ret_text, size_t size)
{
	size_t length = strlen(host);

	if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
		host++;
		length -= 2;
	}
	if (length > 1 && host[length - 1] == '.')
		length--;
	(void)snprintf(ret_text, size, "%.*s", (int)length, host);
}
