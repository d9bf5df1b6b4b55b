/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_VERSIONS_H
#define TLSFO_BENCH_VERSIONS_H

#include <stdio.h>

/* Writes what was measured on and with: kernel, libraries and programs, a Markdown list. */
void versions_write(FILE *file);

#endif
