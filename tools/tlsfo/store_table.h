/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STORE_TABLE_H
#define TLSFO_COMMAND_STORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <tlsfo/store.h>

/* Prints entries for people: a table of the tickets, which come first, and one of the path memory.
 * Returns false when there is no memory. */
bool store_table(const struct tlsfo_store_entry *entries, size_t count);

/* "TLS1.3", "ticket". */
const char *store_version_name(unsigned int version);
const char *store_kind_name(enum tlsfo_store_kind kind);

#endif
