/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_JSON_H
#define BASE_JSON_H

/*
 * JSON (RFC 8259) written member by member into a text, on one line and without blanks. The key of a member is
 * a literal that needs no escaping; NULL stands for a value in an array.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct json {
	struct text *text;
	bool follows; /* a value that is written now has one before it */
};

/* @end is that of what was opened last: a brace or a bracket. */
void json_open(struct json *json, const char *key, char begin);
void json_close(struct json *json, char end);

/* null for NULL and for an empty string. */
void json_add_string(struct json *json, const char *key, const char *value);

/* null when it is negative. */
void json_add_number(struct json *json, const char *key, int64_t value);

/* Milliseconds with three places; null when it is negative. */
void json_add_ms(struct json *json, const char *key, int64_t us);

/* null when it is negative, else whether it is not 0. */
void json_add_bool(struct json *json, const char *key, int value);

/* @value is JSON already. */
void json_add_raw(struct json *json, const char *key, const char *value);

#endif
