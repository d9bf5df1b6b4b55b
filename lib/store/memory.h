/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_MEMORY_H
#define STORE_MEMORY_H

/*
 * A store in the memory of one process. After fork(2) parent and child hold the same tickets, and only
 * one may use them: the parent keeps them, and in the child the store is empty.
 */

#include <stdint.h>

#include "base/macros.h"
#include "store/peer.h"
#include "store/record.h"
#include "store/ticket.h"

struct memory;

/* Returns 0 or a code. */
must_check int memory_new(struct memory **ret_memory);
void memory_free(struct memory *memory);

/* As store_put(), store_take() and <tlsfo/store.h> say. */
must_check int memory_put(
	struct memory *memory, const struct peer *peer, const struct ticket *ticket, int64_t now);
must_check int memory_take(struct memory *memory, const struct peer *peer, int64_t now,
	int64_t slack, struct ticket *ret_ticket);
int memory_count(struct memory *memory, const struct peer *peer, int64_t now, int64_t slack);
int memory_forget(struct memory *memory, const char *host, unsigned int port);
int memory_clear(struct memory *memory);

/* Hands on each ticket that is alive; ends with the first result that is not 0. */
typedef int (*memory_each_fn)(const struct record_ticket *ticket, void *userdata);
must_check int memory_each(struct memory *memory, int64_t now, memory_each_fn fn, void *userdata);

#endif
