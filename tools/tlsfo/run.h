/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_RUN_H
#define TLSFO_COMMAND_RUN_H

#include <stdbool.h>
#include <stddef.h>

/* The file in the default store's directory in which programs remember paths (tools/run/memory.h). */
#define RUN_MEMORY_NAME "tlsfo-run"

extern const char run_help[];

/*
 * Can a library be preloaded into the program that execvp(3) would start under this name, and does it then stand before
 * its calls? False, and why not: it is linked statically, written in Go, has rights of its own, or is made
 * for another processor or C library. What cannot be read counts as one that can.
 */
bool run_can_preload(const char *name, char *ret_why, size_t size);

#endif
