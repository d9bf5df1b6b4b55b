/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_MEMORY_H
#define STORE_PATH_MEMORY_H

/* Path records in the memory of one process. A forked child begins with none. */

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/path_record.h"

struct path_memory;

/* NULL: no memory. */
struct path_memory *path_memory_new(void);
void path_memory_free(struct path_memory *memory);

/* Around whatever belongs together of the rest. */
void path_memory_lock(struct path_memory *memory);
void path_memory_unlock(struct path_memory *memory);

/* As path_directory.h says. */
bool path_memory_get(
	struct path_memory *memory, const struct peer_key *key, struct path_record *ret_record);
bool path_memory_put(
	struct path_memory *memory, const struct peer_key *key, const struct path_record *record);
bool path_memory_remove(struct path_memory *memory, const struct peer_key *key);

/* The record at @at, NULL behind the last. */
const struct path_record *path_memory_at(
	const struct path_memory *memory, size_t at, struct peer_key *ret_key);

#endif
