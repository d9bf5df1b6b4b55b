/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_DISK_H
#define STORE_DISK_H

/* Files and directories below a directory's descriptor. No symbolic link is followed. */

#include <stdbool.h>
#include <stddef.h>

#include <sys/stat.h>
#include <sys/types.h>

#include "base/macros.h"

/* Closes a descriptor, unless it is -1, and leaves errno as it is. */
void disk_close(int fd);

/* Opens a directory, after making it with mode 0700 when it is missing. Returns -1 with errno when it cannot. */
int disk_directory(int at, const char *name);

/* Opens a file for reading, and does not wait when it is a pipe. Returns -1 with errno when it cannot. */
int disk_open(int at, const char *name);

/* Reads @size bytes of an open file, or less when it ends. Returns how many, or -1 with errno. */
ssize_t disk_read(int fd, void *ret_data, size_t size);

/* Makes a file of a free name, mode 0600, with all of @data. False with errno when it cannot; then there is no file. */
must_check bool disk_write(int at, const char *name, const void *data, size_t len);

/*
 * What is wrong with something of this type (S_IFDIR, S_IFREG), which this process's user alone should
 * own and for which the bits of @forbidden should not be set in its mode. NULL: nothing.
 */
const char *disk_fault(const struct stat *found, mode_t type, mode_t forbidden);

#endif
