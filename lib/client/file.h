/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLIENT_FILE_H
#define CLIENT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/* A file's content. It may be a private key, so it is wiped. */
struct file {
	unsigned char *data;
	size_t len;
};

#define FILE_SIZE_MOST ((size_t)16 * 1024 * 1024)

/* Reads a whole file of 1 byte to 16 MiB. False with errno; ENODATA: it is empty, EFBIG: larger. */
must_check bool file_read(const char *path, struct file *ret_file);

void file_wipe(struct file *file);

#endif
