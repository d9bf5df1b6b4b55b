/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_HIDE_PROC_H
#define COMMAND_HIDE_PROC_H

#include <stdbool.h>

/* Covers /proc/self/fd of this process with an empty directory, in a mount namespace of its own.
 * For a child between fork and exec. */
bool hide_descriptors(void);

/* May this process do so? */
bool hide_is_permitted(void);

#endif
