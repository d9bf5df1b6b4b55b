/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_NAME_H
#define STORE_NAME_H

/*
 * The names of files. A ticket's is
 *
 *	PEER-RECEIVEDPUT-EXPIRES-RANDOM
 *
 * all of it small hexadecimal digits: 32 of the peer's key, 10 of the second it was received in and 16
 * of the microsecond of the monotonic clock it was put in, 10 of the second it expires in, 32 random
 * ones, so that no name is used twice. The names of one peer sort by age. What a name says is used to
 * choose and to sweep; what is believed is sealed. A file that is being written is called
 * new-TIME-RANDOM until it is whole. Pure.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/peer.h"

#define NAME_RANDOM_SIZE 16
#define NAME_PEER_DIGITS 32
#define NAME_SIZE	 (NAME_PEER_DIGITS + 1 + 26 + 1 + 10 + 1 + 2 * NAME_RANDOM_SIZE + 1)

struct name {
	char text[NAME_SIZE];
};

/* Times are cut to what ten digits hold; @put is in microseconds. */
void name_ticket(const struct peer_key *peer, int64_t received, int64_t put, int64_t expires,
	const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name);
void name_new(
	int64_t now, const unsigned char random[static NAME_RANDOM_SIZE], struct name *ret_name);

/* The file of a path record: 32 digits of its key, which it keeps. */
void name_path(const struct peer_key *key, struct name *ret_name);
bool name_is_path(const char *text);

bool name_is_ticket(const char *text);
bool name_is_new(const char *text);

/* Of a ticket's name: is it one of this peer, when does it expire, how old is it (to be compared as a
 * string: the older is the lesser). */
bool name_is_of(const char *text, const struct peer_key *peer);
int64_t name_received(const struct name *name);
int64_t name_expires(const struct name *name);
const char *name_age(const struct name *name);

/* Of the name of a file that is being written: since when. */
int64_t name_since(const char *text);

/* For qsort(3): by peer, then by age. */
int name_compare(const void *a, const void *b);

#endif
