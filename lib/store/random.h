/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_RANDOM_H
#define STORE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/*
 * Random bytes from the kernel, which a forked process does not repeat. False, with errno, when it
 * has none.
 */
must_check bool random_bytes(void *ret_data, size_t len);

#endif
