/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

/*
 * The entries of a shelf: how long they live, which of them go when there are too many, and the names of their
 * files in a directory. Times are Unix seconds. Pure.
 *
 * A directory of tickets is divided into shards by the key, and each shard keeps its own bound. So a put looks at
 * one small directory, and the bound on the whole holds for any number of processes, with nothing counted or locked.
 *
 *	KEY-RECEIVEDPUT-EXPIRES-RANDOM   a ticket
 *	KEY                              a path record
 *	new-TIME-RANDOM                  a file that is being written
 *
 * All numbers in names are small hexadecimal digits. A ticket's name has 32 digits of its key, 10 of the second it
 * was received in and 16 of the microsecond of the monotonic clock it was put in, 10 of the second it expires in, and
 * 32 random ones, so that no name is used twice. Times in names serve to choose and to sweep.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENTRY_KEY_SIZE	  16
#define ENTRY_KEY_DIGITS  32
#define ENTRY_RANDOM_SIZE 16
#define ENTRY_NAME_SIZE	  (ENTRY_KEY_DIGITS + 1 + 26 + 1 + 10 + 1 + 2 * ENTRY_RANDOM_SIZE + 1)

#define ENTRY_PEER   4	  /* tickets of one key */
#define ENTRY_ALL    1024 /* entries of one kind */
#define ENTRY_SHARDS 16	  /* directories of tickets */
#define ENTRY_SHARD  (ENTRY_ALL / ENTRY_SHARDS)

/* Seconds after which a file that is still being written belongs to nobody. */
#define ENTRY_NEW_LIFE 900

/* The first two have bounds. */
enum entry_kind { ENTRY_TICKET, ENTRY_PATH, ENTRY_NEW, ENTRY_NONE };

struct entry_bounds {
	unsigned int keep;   /* entries of one key */
	unsigned int most;   /* entries of one directory */
	unsigned int seldom; /* one put in so many looks for entries that are too many */
	int64_t life;	     /* seconds that an entry lives at most */
};

extern const struct entry_bounds entry_bounds[2];

/* What an entry is about: HMAC-SHA256 under the store's key, so that nobody reads or guesses a host by it. */
struct entry_key {
	unsigned char bytes[ENTRY_KEY_SIZE];
};

struct entry {
	char name[ENTRY_NAME_SIZE];
	int64_t received; /* of a file that is being written: since when; of a path record its file's times tell */
	int64_t expires;
	uint64_t put; /* the order within a second */
};

/* Make the entry of a file, with its name. Times are cut to what ten digits hold. */
struct entry entry_ticket(const struct entry_key *key, int64_t received, uint64_t put,
	int64_t expires, const unsigned char random[static ENTRY_RANDOM_SIZE]);
struct entry entry_path(const struct entry_key *key);
struct entry entry_new(int64_t now, const unsigned char random[static ENTRY_RANDOM_SIZE]);

/* Reads the name of a file. It is none of ours when the kind is ENTRY_NONE. */
enum entry_kind entry_read(const char *name, struct entry *ret_entry);

/*
 * Does an entry that expires at @expires still live, and for at least @slack seconds? One that would live longer
 * than any may comes from a clock that was wrong.
 */
bool entry_lives(enum entry_kind kind, int64_t expires, int64_t now, int64_t slack);

/*
 * Does an entry live, and is it not of the future? If it is, the clock has been set back since, and it is not
 * used: GnuTLS refuses such a ticket after it has announced early data with it, which costs a second connection.
 * Two seconds do not count, because processes read the clock one after the other.
 */
bool entry_is_usable(
	enum entry_kind kind, int64_t received, int64_t expires, int64_t now, int64_t slack);

/* Is a file that is being written @since then left over? */
bool entry_is_stale(int64_t since, int64_t now);

/* For qsort(3): the newest first. */
int entry_compare_age(const void *a, const void *b);

/*
 * Sorts the entries of one directory so that those that stay come first, the newest before the others, and returns
 * their number. Those behind go: they have expired, or there are enough newer ones of their key or in all.
 */
size_t entry_choose(enum entry_kind kind, struct entry *entries, size_t count, int64_t now);

#endif
