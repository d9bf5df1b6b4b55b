/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>

void wipe(void *data, size_t len)
{
	if (len > 0)
		explicit_bzero(data, len);
}

void wipe_free(void *data, size_t len)
{
	if (data == NULL)
		return;
	wipe(data, len);
	free(data);
}
