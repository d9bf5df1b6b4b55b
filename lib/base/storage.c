/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/storage.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

void storage_init(struct storage *memory, void *base, size_t size)
{
	*memory = (struct storage){.base = base, .size = size};
}

bool storage_is_fixed(const struct storage *memory)
{
	return memory->base != NULL;
}

static size_t padded(size_t size)
{
	const size_t unit = alignof(max_align_t);

	return (size + unit - 1) / unit * unit;
}

size_t storage_left(const struct storage *memory)
{
	return memory->size - memory->used;
}

void *storage_take(struct storage *memory, size_t size)
{
	if (memory->base == NULL)
		return calloc(1, size);
	if (padded(size) < size || padded(size) > storage_left(memory))
		return NULL;
	void *piece = memory->base + memory->used;
	memory->used += padded(size);
	return memset(piece, 0, size);
}

void storage_drop(const struct storage *memory, void *piece)
{
	if (memory->base == NULL)
		free(piece);
}

char *storage_string(struct storage *memory, const char *string, size_t len)
{
	char *copy = storage_take(memory, len + 1);

	return copy != NULL ? memcpy(copy, string, len) : NULL;
}
