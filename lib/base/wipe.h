/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_WIPE_H
#define BASE_WIPE_H

#include <stddef.h>

/* Overwrites a secret, in a way no compiler leaves out; @data may be NULL when @len is 0. */
void wipe(void *data, size_t len);

/* The same, then free(3); NULL is ignored. */
void wipe_free(void *data, size_t len);

/* Zeros for a secret that lives long, on pages of their own, which are left out of core dumps. NULL: no memory. */
void *wipe_map(size_t len);

/* Overwrites it and gives it back. */
void wipe_unmap(void *data, size_t len);

#endif
