/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STORE_PLACE_H
#define TLSFO_COMMAND_STORE_PLACE_H

#include <stddef.h>

#include <tlsfo/store.h>

#include "command.h"
#include "options.h"

enum store_place {
	STORE_PLACE_NONE,    /* neither variable names one */
	STORE_PLACE_FOREIGN, /* it is another user's */
	STORE_PLACE_FOUND
};

/*
 * The default store's directory (XDG Base Directory Specification): $XDG_STATE_HOME/tlsfo or else
 * $HOME/.local/state/tlsfo. Of another user's, such as the HOME that root has from sudo -E, it says only
 * the value of the variable: what root makes there would be root's alone, and in the way of that user's
 * programs.
 */
enum store_place store_place(char *ret_path, size_t size);

/* Opens a store that the user wants and no other; complains when that fails. */
enum command_status store_open_named(const char *path, struct tlsfo_store **ret_store);

/* The store for connections, or NULL for none. Only a store that was named must be there: without the
 * default store connections cost more, but work. */
enum command_status store_for_connections(
	const struct connect_options *options, struct tlsfo_store **ret_store);

#endif
