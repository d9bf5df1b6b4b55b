/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_FAILURE_H
#define BASE_FAILURE_H

/* The first failure of an object, with its cause in words. Later ones are its consequences and change nothing. */

#include "base/macros.h"

#define FAILURE_TEXT_SIZE 512

/* GNUTLS_E_MEMORY_ERROR: the code space is shared with GnuTLS, which the lower rooms do without. */
#define FAILURE_MEMORY (-25)

/* Zeros: nothing has failed. */
struct failure {
	int code;
	int system_error; /* an errno, or 0 */
	char *text; /* FAILURE_TEXT_SIZE bytes; NULL: nothing failed, or there was no memory for it */
};

/* Keeps @code with its text, unless something failed before. Returns @code. @system_error is an errno, or 0. */
int failure_set(struct failure *failure, int code, int system_error, const char *format, ...)
	format_printf(4, 5);

/* The same for "no memory". Returns FAILURE_MEMORY. */
int failure_memory(struct failure *failure);

/* The text, or an empty one. */
const char *failure_text(const struct failure *failure);

/* Nothing has failed afterwards. */
void failure_deinit(struct failure *failure);

#endif
