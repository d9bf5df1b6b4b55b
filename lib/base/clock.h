/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/*
 * Times, and deadlines: absolute milliseconds on the monotonic clock, -1 for never, 0 for now. Modules that decide
 * take the time as an argument instead of reading a clock; so do the functions of deadlines.
 */

#include <stdbool.h>
#include <stdint.h>

#define DEADLINE_NEVER (-1)
#define DEADLINE_NOW   0

/* Microseconds of CLOCK_MONOTONIC. */
int64_t clock_us(void);

/* Seconds since 1970, which may jump: for what outlives the process. */
int64_t clock_wall_s(void);

/* The deadline @ms milliseconds after @now_us; negative @ms and what overflows mean never. */
int64_t deadline_in(int64_t now_us, int64_t ms);

/* True when @deadline has passed at @now_us. */
bool deadline_passed(int64_t deadline, int64_t now_us);

/* The deadline that a time in microseconds makes, rounded up; negative is never. */
int64_t deadline_of_us(int64_t us);

/* The one that ends first. */
int64_t deadline_earlier(int64_t a, int64_t b);

/*
 * The timeout for poll(2) that ends at @deadline: -1 for never, 0 when it has passed, at most
 * INT_MAX. Rounded up, so that a poll that times out is never early.
 */
int deadline_poll(int64_t deadline, int64_t now_us);

#endif
