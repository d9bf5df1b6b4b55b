/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * Text built in memory of fixed size. It is always terminated; what does not fit is cut but
 * counted, so that a caller can say how much room there should have been.
 */

#include <stdbool.h>
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

/* Puts question marks in the place of control characters and of bytes that are not UTF-8. Names and texts that come
 * from elsewhere may hold anything, and are shown on terminals. */
void text_make_printable(char *string);

/* Adds @string as a JSON string with its quotes (RFC 8259 §7). Bytes that are not UTF-8 are taken
 * as Latin-1, so that the result is JSON whatever a peer sent. */
void text_add_json(struct text *text, const char *string);

/*
 * JSON (RFC 8259) written member by member into a text, on one line and without blanks. The key of a member is
 * a literal that needs no escaping; NULL stands for a value in an array.
 */
struct json {
	struct text *text;
	bool follows; /* a value that is written now has one before it */
};

/* @end is that of what was opened last: a brace or a bracket. */
void json_open(struct json *json, const char *key, char begin);
void json_close(struct json *json, char end);

/* NULL and an empty string are written as null. */
void json_add_string(struct json *json, const char *key, const char *value);

/* A negative number, time or flag is not known and is written as null. */
void json_add_number(struct json *json, const char *key, int64_t value);
void json_add_bool(struct json *json, const char *key, int value);

/* Milliseconds with three places. */
void json_add_ms(struct json *json, const char *key, int64_t us);

/* @value is JSON already. */
void json_add_raw(struct json *json, const char *key, const char *value);

/*
 * A host as people write it, without the brackets of an IPv6 address and without a final dot, but with its scope,
 * because another link is another host. Returns where the bare host begins, and its length.
 */
const char *host_bare(const char *host, size_t *ret_len);

/*
 * False for a string that no name server need be asked about: an empty one, a dot alone, or one with blanks or
 * control characters, which nobody wants in a message or in a ClientHello either.
 */
bool host_may_be_name(const char *host, size_t len);

#endif
