/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef COMMAND_CONVERSE_H
#define COMMAND_CONVERSE_H

#include <stdint.h>

#include "command/run.h"

/*
 * Much data through the command: a pattern goes in, a pattern comes out. Descriptors stay blocking,
 * as those of a user's program are; nothing is written that poll(2) does not allow.
 */

/* Writes the first @len bytes of the pattern and reads nothing. */
void converse_feed(struct run *run, uint64_t len);

/* Reads until the end, which must come after @len bytes of the pattern. */
void converse_drain(struct run *run, uint64_t len);

/* Both at once, with @len bytes each way; closes the input after the last. */
void converse(struct run *run, uint64_t len);

#endif
