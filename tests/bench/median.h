/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MEDIAN_H
#define TLSFO_BENCH_MEDIAN_H

#include <stddef.h>

/*
 * Sorts the values, NAN last: what has no time took longer than all others. Returns the median, which is NAN
 * when there are none, or when half of them or more are.
 */
double median_of(double *values, size_t count);

#endif
