/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/wipe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

void *wipe_map(size_t len)
{
	void *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return NULL;
	(void)madvise(data, len, MADV_DONTDUMP);
	return data;
}

void wipe_unmap(void *data, size_t len)
{
	wipe(data, len);
	munmap(data, len);
}
