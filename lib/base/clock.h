/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Reads CLOCK_MONOTONIC. Modules that decide take the time as an argument instead. */
int64_t clock_us(void);

/* Seconds since 1970, which may jump: for what outlives the process. */
int64_t clock_wall_s(void);

#endif
