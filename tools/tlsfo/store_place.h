/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STORE_PLACE_H
#define TLSFO_COMMAND_STORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include <tlsfo/store.h>

#include "command.h"
#include "options.h"

/* The default store's directory (XDG Base Directory Specification): $XDG_STATE_HOME/tlsfo or else
 * $HOME/.local/state/tlsfo. Returns false when neither variable names a place. */
bool store_place(char *ret_path, size_t size);

/* Opens a store that the user wants and no other; complains when that fails. */
enum command_status store_open_named(const char *path, struct tlsfo_store **ret_store);

/* The store for connections, or NULL for none. Only a store that was named must be there: without the
 * default store connections cost more, but work. */
enum command_status store_for_connections(
	const struct connect_options *options, struct tlsfo_store **ret_store);

#endif
