/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_WHOLE_FILE_H
#define TLSFO_COMMAND_WHOLE_FILE_H

#include <stddef.h>

/*
 * Writes a file whole: a reader sees the old content or the new, never a part, because the new
 * file is written beside and renamed. What is not a plain file under its own name (a symbolic link
 * such as /dev/stderr or /dev/fd/3, a pipe, a device) is written to instead; standard output and
 * standard error under whatever name through their own descriptors, so that nothing written there
 * before is lost.
 *
 * Both return 0 or an errno; the check finds what can be known beforehand.
 */
int whole_file_check(const char *path);
int whole_file_write(const char *path, const char *text, size_t len);

#endif
