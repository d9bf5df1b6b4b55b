/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_SYSCTL_H
#define TLSFO_LAB_SYSCTL_H

/*
 * Sysctls of the network namespace in which the calling thread is: /proc/sys/net shows every thread
 * its own.
 */

#include <stddef.h>
#include <sys/types.h>

/* `name` is a path below /proc/sys. Returns 0 or −errno. */
int sysctl_write(const char *name, const char *value);

/* Returns the length, without newline; −ENOBUFS when `size` is too small; −errno. */
ssize_t sysctl_read(const char *name, char *ret_value, size_t size);

/* Opens one for writing later, from whatever namespace. Returns the descriptor or −errno. */
int sysctl_open(const char *name);

/* Writes a small file in one call. Returns 0 or −errno. */
int file_write(const char *path, const char *text);

#endif
