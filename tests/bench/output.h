/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_OUTPUT_H
#define TLSFO_BENCH_OUTPUT_H

#include <stdio.h>

enum { OUTPUT_PATH_SIZE = 4096 };

/* The path of a file in a directory; OUTPUT_PATH_SIZE bytes. */
void output_path(char *ret_path, const char *directory, const char *name);

/* Makes the file anew. NULL, with a line on standard error, when that fails. */
FILE *output_create(const char *directory, const char *name);

#endif
