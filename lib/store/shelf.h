/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SHELF_H
#define STORE_SHELF_H

/*
 * A shelf keeps records under keys, in the memory of one process or in a directory. Of tickets it keeps the newest
 * four of a key, and each is taken once. Of path records it keeps one of a key, the last that was put. entry.h
 * says how many it keeps in all. Times are Unix seconds.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/text.h"
#include "store/record.h"

/* GNUTLS_E_MEMORY_ERROR: the code space is shared with GnuTLS, which this room does without. */
#define STORE_E_MEMORY (-25)

struct shelf;

/* What follows for a record that was shown. */
enum shelf_next { SHELF_GO_ON, SHELF_REMOVE, SHELF_STOP };

typedef enum shelf_next (*shelf_show_fn)(const struct record *record, void *userdata);

/* Calls return 0 or a code, unless their comment says otherwise. */
struct shelf_calls {
	/* Keeps a copy of a record until it expires. */
	int (*put)(struct shelf *shelf, const struct entry_key *key, const struct record *record,
		int64_t now);

	/*
	 * Gets the newest record of @key that lives for @slack seconds more. A ticket is taken: from now on nobody
	 * else gets it, in this process or another, and the caller clears it. A path record is copied, and its age
	 * is checked by the caller. Returns 1; 0 when there is none, or none that is whole and sealed with the
	 * shelf's key; or a code. With @ret_record NULL it takes nothing, and returns how many tickets there are.
	 */
	int (*get)(struct shelf *shelf, enum entry_kind kind, const struct entry_key *key,
		int64_t now, int64_t slack, struct record *ret_record);

	/* Removes the path record of @key. */
	void (*remove)(struct shelf *shelf, const struct entry_key *key);

	/*
	 * Shows all records, also those that have expired; with @show NULL removes everything. Returns how many
	 * were removed. When something could not be read or removed, the rest is done all the same, and a code
	 * is returned and errno set.
	 */
	int (*each)(struct shelf *shelf, int64_t now, shelf_show_fn show, void *userdata);

	/*
	 * One thread of one process at a time has the claim. Returns a handle for release(), or -1 when another
	 * has it. The end of a process releases it. The caller has disabled its cancellation.
	 */
	int (*claim)(struct shelf *shelf);
	void (*release)(struct shelf *shelf, int claim);

	void (*free)(struct shelf *shelf);
};

struct shelf {
	const struct shelf_calls *calls;
	const unsigned char *key; /* SEAL_KEY_SIZE bytes: makes the keys, and seals */
	bool in_memory;
};

/*
 * A shelf in memory; NULL: no memory. After fork(2) parent and child hold the same records, and only one may use
 * them: the parent keeps them, and in the child the shelf is empty.
 */
must_check struct shelf *shelf_memory_new(void);

/*
 * A shelf in a directory, in the manner of maildir: the file system is the database.
 *
 *	PATH/tlsfo-1/key              the store's key, unless the caller has one
 *	PATH/tlsfo-1/tickets/[0-f]/   the shards of tickets, by the first digit of the key
 *	PATH/tlsfo-1/paths/           path records
 *
 * A record is a sealed file, written beside and renamed into place. A ticket's name is never used again: to take a
 * ticket is to unlink it, and it belongs to the process whose unlink succeeds. A path record has its key for a
 * name and is written over; the last to write is right. There is no lock and nothing to repair: a process may be
 * killed anywhere, and leaves at most a file that is swept later. The descriptors and the key never change; so
 * threads need no lock, and a forked process goes on like any other.
 *
 * A later version of the layout is called tlsfo-2.
 */
struct directory {
	struct shelf shelf; /* the first member, so that a pointer to it is one to the whole */
	int tickets;	    /* descriptors; -1: not open */
	int paths;
	unsigned char *key; /* SEAL_KEY_SIZE bytes, which no core dump holds; or NULL */
};

extern const struct shelf_calls shelf_directory_calls;

/*
 * Opens the directory @path, which is made when it is missing. @key is NULL for the key in the directory. Codes are
 * those of <tlsfo/store.h>; @why says what is wrong.
 */
must_check int shelf_directory_open(
	const char *path, const unsigned char *key, struct text *why, struct shelf **ret_shelf);

#endif
