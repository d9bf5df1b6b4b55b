/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_WHOLE_FILE_H
#define TLSFO_COMMAND_WHOLE_FILE_H

#include <stddef.h>

/*
 * Writes a file whole: a reader sees the old content or the new, never a part, because the new
 * file is written beside and renamed. It is a new file, of mode 0666 less the umask like every other that a
 * program makes: what it replaces may be another user's, may be open in another process and may be set-user-ID,
 * and gives it neither owner nor mode.
 *
 * What is not a plain file under its own name (a symbolic link such as /dev/stderr or /dev/fd/3, a
 * pipe, a device) is written to instead; standard output and standard error under whatever name
 * through their own descriptors, so that nothing written there before is lost. A symbolic link of
 * another user is refused, unless root made it, and so is a pipe of another user, or a file of his
 * to which a link leads. A pipe that nobody has open for reading is a
 * failure at once, and one that is full when it has taken nothing for a second.
 *
 * Both return NULL, or what is wrong in words; the check finds what can be known beforehand.
 */
const char *whole_file_check(const char *path);
const char *whole_file_write(const char *path, const char *text, size_t len);

#endif
