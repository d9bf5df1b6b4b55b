/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/record.h"

#define TIME_MAX    0xffffffffff
#define TIME_DIGITS 10
#define PUT_DIGITS  16
#define RECEIVED_AT (ENTRY_KEY_DIGITS + 1)
#define PUT_AT	    (RECEIVED_AT + TIME_DIGITS)
#define EXPIRES_AT  (PUT_AT + PUT_DIGITS + 1)
#define RANDOM_AT   (EXPIRES_AT + TIME_DIGITS + 1)

/* The patterns of names. A zero stands for any digit. */
#define NEW    "new-"
#define ANY_10 "0000000000"
#define ANY_16 "0000000000000000"
#define ANY_32 ANY_16 ANY_16

/* Processes may differ in what they call now, and clocks are set. */
#define CLOCK_SLACK 3600
#define CLOCK_STEP  2

/* Seconds after which the file of a path record that was not written again is removed. */
#define PATH_FILE_LIFE (40 * 24 * 3600)

static const char digits[] = "0123456789abcdef";
static const char *const patterns[] = {
	[ENTRY_TICKET] = ANY_32 "-" ANY_10 ANY_16 "-" ANY_10 "-" ANY_32,
	[ENTRY_PATH] = ANY_32,
	[ENTRY_NEW] = NEW ANY_10 "-" ANY_32,
};

_Static_assert(ENTRY_KEY_SIZE == ENTRY_RANDOM_SIZE, "one function writes both");

const struct entry_bounds entry_bounds[2] = {
	[ENTRY_TICKET] = {ENTRY_PEER, ENTRY_SHARD, 1, TICKET_LIFE_MAX},
	[ENTRY_PATH] = {1, ENTRY_ALL, 16, PATH_FILE_LIFE},
};

static void add_hex(char *to, const unsigned char data[static ENTRY_KEY_SIZE])
{
	for (size_t i = 0; i < ENTRY_KEY_SIZE; i++) {
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

struct entry entry_ticket(const struct entry_key *key, int64_t received, uint64_t put,
	int64_t expires, const unsigned char random[static ENTRY_RANDOM_SIZE])
{
	struct entry entry = {
		.received = cut_time(received), .expires = cut_time(expires), .put = put};

	add_hex(entry.name, key->bytes);
	snprintf(entry.name + ENTRY_KEY_DIGITS, ENTRY_NAME_SIZE - ENTRY_KEY_DIGITS,
		"-%010" PRIx64 "%016" PRIx64 "-%010" PRIx64 "-", entry.received, put,
		entry.expires);
	add_hex(entry.name + RANDOM_AT, random);
	return entry;
}

struct entry entry_path(const struct entry_key *key)
{
	struct entry entry = {0};

	add_hex(entry.name, key->bytes);
	return entry;
}

struct entry entry_new(int64_t now, const unsigned char random[static ENTRY_RANDOM_SIZE])
{
	struct entry entry = {.received = cut_time(now)};
	int len = snprintf(entry.name, ENTRY_NAME_SIZE, NEW "%010" PRIx64 "-", entry.received);

	add_hex(entry.name + len, random);
	return entry;
}

static bool matches(const char *name, const char *pattern)
{
	for (; *name != '\0' && *pattern != '\0'; name++, pattern++)
		if (*pattern == '0' ? strchr(digits, *name) == NULL : *name != *pattern)
			return false;
	return *name == *pattern;
}

static uint64_t read_number(const char *text, size_t count)
{
	char number[PUT_DIGITS + 1] = {0};

	memcpy(number, text, count);
	return strtoull(number, NULL, 16);
}

enum entry_kind entry_read(const char *name, struct entry *ret_entry)
{
	enum entry_kind kind = ENTRY_TICKET;

	*ret_entry = (struct entry){0};
	while (kind < ENTRY_NONE && !matches(name, patterns[kind]))
		kind++;
	if (kind < ENTRY_NONE)
		strcpy(ret_entry->name, name);
	if (kind == ENTRY_NEW)
		ret_entry->received = (int64_t)read_number(name + strlen(NEW), TIME_DIGITS);
	if (kind == ENTRY_TICKET) {
		ret_entry->received = (int64_t)read_number(name + RECEIVED_AT, TIME_DIGITS);
		ret_entry->put = read_number(name + PUT_AT, PUT_DIGITS);
		ret_entry->expires = (int64_t)read_number(name + EXPIRES_AT, TIME_DIGITS);
	}
	return kind;
}

bool entry_lives(enum entry_kind kind, int64_t expires, int64_t now, int64_t slack)
{
	return expires > now && expires - now >= slack &&
	       expires - now <= entry_bounds[kind].life + CLOCK_SLACK;
}

bool entry_is_usable(
	enum entry_kind kind, int64_t received, int64_t expires, int64_t now, int64_t slack)
{
	return entry_lives(kind, expires, now, slack) && received - now <= CLOCK_STEP;
}

bool entry_is_stale(int64_t since, int64_t now)
{
	return now - since > ENTRY_NEW_LIFE || since - now > CLOCK_SLACK;
}

int entry_compare_age(const void *a, const void *b)
{
	const struct entry *one = a;
	const struct entry *other = b;

	if (one->received != other->received)
		return one->received > other->received ? -1 : 1;
	return (one->put < other->put) - (one->put > other->put);
}

size_t entry_choose(enum entry_kind kind, struct entry *entries, size_t count, int64_t now)
{
	const struct entry_bounds *bounds = &entry_bounds[kind];
	size_t kept = 0;

	/* An empty list is no array (C11 §6.5.6). */
	if (count > 1)
		qsort(entries, count, sizeof(*entries), entry_compare_age);
	for (size_t i = 0; i < count; i++) {
		struct entry entry = entries[i];
		unsigned int of_key = 0;

		for (size_t k = 0; k < kept && bounds->keep > 1; k++)
			of_key += memcmp(entries[k].name, entry.name, ENTRY_KEY_DIGITS) == 0;
		if (of_key >= bounds->keep || kept >= bounds->most ||
			!entry_lives(kind, entry.expires, now, 0))
			continue;
		/* The one that was here goes. */
		entries[i] = entries[kept];
		entries[kept++] = entry;
	}
	return kept;
}
