/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_REASON_H
#define TLSFO_LAB_REASON_H

#include "lab.h"

/*
 * Writes "TEXT: strerror(error)" into the reason unless there is one already: the first is the
 * cause. Returns −error, so that a function can end with it.
 */
int reason_set(struct lab_reason *reason, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
