/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_NAME_H
#define STORE_NAME_H

/*
 * The names of files. All numbers in them are small hexadecimal digits.
 *
 *	KEY-RECEIVEDPUT-EXPIRES-RANDOM   a ticket
 *	KEY                              a path record
 *	new-TIME-RANDOM                  a file that is being written
 *
 * A ticket's name has 32 digits of its key, 10 of the second it was received in and 16 of the microsecond of the
 * monotonic clock it was put in, 10 of the second it expires in, and 32 random ones, so that no name is used
 * twice. Times in names serve to choose and to sweep. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"

#define NAME_KEY_SIZE	 16
#define NAME_KEY_DIGITS	 32
#define NAME_RANDOM_SIZE 16
#define NAME_SIZE	 (NAME_KEY_DIGITS + 1 + 26 + 1 + 10 + 1 + 2 * NAME_RANDOM_SIZE + 1)

/* What an entry is about: HMAC-SHA256 under the store's key, so that nobody reads or guesses a host by it. */
struct name_key {
	unsigned char bytes[NAME_KEY_SIZE];
};

struct name {
	char text[NAME_SIZE];
	/* Unix seconds; of a path record's file its times tell. */
	int64_t received;
	int64_t expires;
	uint64_t put; /* the order within a second */
};

/* Times are cut to what ten digits hold. */
void name_ticket(const struct name_key *key, int64_t received, uint64_t put, int64_t expires,
	const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name);
void name_path(const struct name_key *key, struct name *ret_name);
void name_new(
	int64_t now, const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name);

/* False when it is no such name. */
must_check bool name_read_ticket(const char *text, struct name *ret_name);
must_check bool name_read_path(const char *text, struct name *ret_name);
must_check bool name_read_new(const char *text, int64_t *ret_since);

/* For qsort(3): the newest first. */
int name_compare_age(const void *a, const void *b);

#endif
