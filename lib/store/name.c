/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/name.h"

#include <stdlib.h>
#include <string.h>

#define TIME_DIGITS   10
#define TIME_MAX      0xffffffffff
#define PUT_DIGITS    16
#define RANDOM_DIGITS (2 * NAME_RANDOM_SIZE)
#define AGE_AT	      (NAME_PEER_DIGITS + 1)
#define EXPIRES_AT    (AGE_AT + TIME_DIGITS + PUT_DIGITS + 1)
#define RANDOM_AT     (EXPIRES_AT + TIME_DIGITS + 1)

static const char new_prefix[] = "new-";
static const char digits[] = "0123456789abcdef";

static char *add_hex(char *to, const unsigned char *data, size_t count)
{
	for (size_t i = 0; i < count; i++)
		*to++ = digits[(i % 2 == 0 ? data[i / 2] >> 4 : data[i / 2]) & 0xf];
	return to;
}

static char *add_number(char *to, uint64_t number, size_t count)
{
	for (size_t i = count; i > 0; i--) {
		to[i - 1] = digits[number & 0xf];
		number >>= 4;
	}
	return to + count;
}

static uint64_t cut_time(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds > TIME_MAX ? TIME_MAX : (uint64_t)seconds;
}

void name_ticket(const struct peer_key *peer, int64_t received, int64_t put, int64_t expires,
	const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name)
{
	char *to = add_hex(ret_name->text, peer->bytes, NAME_PEER_DIGITS);

	*to++ = '-';
	to = add_number(to, cut_time(received), TIME_DIGITS);
	to = add_number(to, (uint64_t)put, PUT_DIGITS);
	*to++ = '-';
	to = add_number(to, cut_time(expires), TIME_DIGITS);
	*to++ = '-';
	to = add_hex(to, random, RANDOM_DIGITS);
	*to = '\0';
}

void name_new(
	int64_t now, const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name)
{
	memcpy(ret_name->text, new_prefix, sizeof(new_prefix));
	char *to = add_number(ret_name->text + strlen(new_prefix), cut_time(now), TIME_DIGITS);

	*to++ = '-';
	to = add_hex(to, random, RANDOM_DIGITS);
	*to = '\0';
}

void name_path(const struct peer_key *key, struct name *ret_name)
{
	*add_hex(ret_name->text, key->bytes, NAME_PEER_DIGITS) = '\0';
}

/* Are there exactly @count small hexadecimal digits before @end? */
static bool are_digits(const char *text, size_t count, char end)
{
	return strspn(text, digits) == count && text[count] == end;
}

bool name_is_ticket(const char *text)
{
	return are_digits(text, NAME_PEER_DIGITS, '-') &&
	       are_digits(text + AGE_AT, TIME_DIGITS + PUT_DIGITS, '-') &&
	       are_digits(text + EXPIRES_AT, TIME_DIGITS, '-') &&
	       are_digits(text + RANDOM_AT, RANDOM_DIGITS, '\0');
}

bool name_is_path(const char *text)
{
	return are_digits(text, NAME_PEER_DIGITS, '\0');
}

bool name_is_new(const char *text)
{
	size_t prefix = strlen(new_prefix);

	return strncmp(text, new_prefix, prefix) == 0 &&
	       are_digits(text + prefix, TIME_DIGITS, '-') &&
	       are_digits(text + prefix + TIME_DIGITS + 1, RANDOM_DIGITS, '\0');
}

bool name_is_of(const char *text, const struct peer_key *peer)
{
	char hex[NAME_PEER_DIGITS];

	add_hex(hex, peer->bytes, sizeof(hex));
	return memcmp(text, hex, sizeof(hex)) == 0;
}

/* strtoll() ends at the hyphen. */
int64_t name_received(const struct name *name)
{
	/* The digits of ->put follow without a gap. */
	char received[TIME_DIGITS + 1] = {0};

	memcpy(received, name->text + AGE_AT, TIME_DIGITS);
	return strtoll(received, NULL, 16);
}

int64_t name_expires(const struct name *name)
{
	return strtoll(name->text + EXPIRES_AT, NULL, 16);
}

const char *name_age(const struct name *name)
{
	return name->text + AGE_AT;
}

int64_t name_since(const char *text)
{
	return strtoll(text + strlen(new_prefix), NULL, 16);
}

int name_compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}
