/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STORE_LIST_H
#define TLSFO_COMMAND_STORE_LIST_H

#include <stdbool.h>

#include <tlsfo/store.h>

#include "command.h"

/* Prints what is in @store, which is at @path and may be NULL for nothing: as a table, or as one JSON
 * array. */
enum command_status store_list(struct tlsfo_store *store, const char *path, bool json);

#endif
