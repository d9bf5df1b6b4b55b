/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_STORAGE_H
#define BASE_STORAGE_H

/*
 * Where an object's memory comes from: the heap, or storage that the program gave, from which pieces are
 * cut one after the other and never handed back, but all at once.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/* All zeros: the heap. */
struct storage {
	unsigned char *base; /* aligned for any object; NULL: the heap */
	size_t size;
	size_t used;
};

void storage_init(struct storage *memory, void *base, size_t size);

bool storage_is_fixed(const struct storage *memory);

/* A piece of zeros, aligned for any object. NULL: there is not enough. */
must_check void *storage_take(struct storage *memory, size_t size);

/* Frees a piece of the heap; one of a program's storage stays used. NULL is ignored. */
void storage_drop(const struct storage *memory, void *piece);

/* A copy of @len bytes of @string, terminated. NULL: there is not enough. */
must_check char *storage_string(struct storage *memory, const char *string, size_t len);

/* What is left of the storage; 0 of the heap. */
size_t storage_left(const struct storage *memory);

#endif
