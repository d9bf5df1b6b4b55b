/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIME_DIGITS   10
#define TIME_MAX      0xffffffffff
#define PUT_DIGITS    16
#define RANDOM_DIGITS (2 * NAME_RANDOM_SIZE)
#define RECEIVED_AT   (NAME_KEY_DIGITS + 1)
#define PUT_AT	      (RECEIVED_AT + TIME_DIGITS)
#define EXPIRES_AT    (PUT_AT + PUT_DIGITS + 1)
#define RANDOM_AT     (EXPIRES_AT + TIME_DIGITS + 1)

static const char new_prefix[] = "new-";
static const char digits[] = "0123456789abcdef";

_Static_assert(NAME_KEY_SIZE == NAME_RANDOM_SIZE, "one function writes both");

static void add_hex(char *to, const unsigned char data[static NAME_KEY_SIZE])
{
	for (size_t i = 0; i < NAME_KEY_SIZE; i++) {
		*to++ = digits[data[i] >> 4];
		*to++ = digits[data[i] & 0xf];
	}
	*to = '\0';
}

static int64_t cut_time(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds > TIME_MAX ? TIME_MAX : seconds;
}

void name_ticket(const struct name_key *key, int64_t received, uint64_t put, int64_t expires,
	const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name)
{
	*ret_name = (struct name){
		.received = cut_time(received), .expires = cut_time(expires), .put = put};
	name_path(key, ret_name);
	snprintf(ret_name->text + NAME_KEY_DIGITS, NAME_SIZE - NAME_KEY_DIGITS,
		"-%010" PRIx64 "%016" PRIx64 "-%010" PRIx64 "-", ret_name->received, put,
		ret_name->expires);
	add_hex(ret_name->text + RANDOM_AT, random);
}

void name_path(const struct name_key *key, struct name *ret_name)
{
	add_hex(ret_name->text, key->bytes);
}

void name_new(
	int64_t now, const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name)
{
	*ret_name = (struct name){.received = cut_time(now)};
	int len = snprintf(
		ret_name->text, NAME_SIZE, "%s%010" PRIx64 "-", new_prefix, ret_name->received);

	add_hex(ret_name->text + len, random);
}

/* Are there exactly @count small hexadecimal digits before @end? */
static bool are_digits(const char *text, size_t count, char end)
{
	return strspn(text, digits) == count && text[count] == end;
}

static uint64_t read_number(const char *text, size_t count)
{
	char number[PUT_DIGITS + 1] = {0};

	memcpy(number, text, count);
	return strtoull(number, NULL, 16);
}

bool name_read_ticket(const char *text, struct name *ret_name)
{
	if (!are_digits(text, NAME_KEY_DIGITS, '-') ||
		!are_digits(text + RECEIVED_AT, TIME_DIGITS + PUT_DIGITS, '-') ||
		!are_digits(text + EXPIRES_AT, TIME_DIGITS, '-') ||
		!are_digits(text + RANDOM_AT, RANDOM_DIGITS, '\0'))
		return false;
	memcpy(ret_name->text, text, NAME_SIZE);
	ret_name->received = (int64_t)read_number(text + RECEIVED_AT, TIME_DIGITS);
	ret_name->put = read_number(text + PUT_AT, PUT_DIGITS);
	ret_name->expires = (int64_t)read_number(text + EXPIRES_AT, TIME_DIGITS);
	return true;
}

bool name_read_path(const char *text, struct name *ret_name)
{
	if (!are_digits(text, NAME_KEY_DIGITS, '\0'))
		return false;
	*ret_name = (struct name){0};
	memcpy(ret_name->text, text, NAME_KEY_DIGITS);
	return true;
}

bool name_read_new(const char *text, int64_t *ret_since)
{
	const char *time = text + strlen(new_prefix);

	if (strncmp(text, new_prefix, strlen(new_prefix)) != 0 ||
		!are_digits(time, TIME_DIGITS, '-') ||
		!are_digits(time + TIME_DIGITS + 1, RANDOM_DIGITS, '\0'))
		return false;
	*ret_since = (int64_t)read_number(time, TIME_DIGITS);
	return true;
}

int name_compare_age(const void *a, const void *b)
{
	const struct name *one = a;
	const struct name *other = b;

	if (one->received != other->received)
		return one->received > other->received ? -1 : 1;
	return (one->put < other->put) - (one->put > other->put);
}
