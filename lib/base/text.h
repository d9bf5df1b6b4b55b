/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * Text built in memory of fixed size. It is always terminated; what does not fit is cut but
 * counted, so that a caller can say how much room there should have been.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct text {
	char *buf;
	size_t size;
	size_t len; /* of the whole text, which may exceed the room */
};

/* @buf may be NULL when @size is 0. */
void text_init(struct text *text, char *buf, size_t size);

void text_add(struct text *text, const char *format, ...) format_printf(2, 3);

/* Takes full stops off the end: GnuTLS's texts have them, ours do not. */
void text_strip_stop(char *string);

/* Puts question marks in the place of control characters and of bytes that are not UTF-8. Names and texts that come
 * from elsewhere may hold anything, and are shown on terminals. */
void text_make_printable(char *string);

/* Adds @string as a JSON string with its quotes (RFC 8259 §7). Bytes that are not UTF-8 are taken
 * as Latin-1, so that the result is JSON whatever a peer sent. */
void text_add_json(struct text *text, const char *string);

#endif
