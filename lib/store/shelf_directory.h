/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SHELF_DIRECTORY_H
#define STORE_SHELF_DIRECTORY_H

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

#include "store/shelf.h"

struct directory {
	struct shelf shelf; /* the first member, so that a pointer to it is one to the whole */
	int tickets;	    /* descriptors; -1: not open */
	int paths;
	unsigned char *key; /* SEAL_KEY_SIZE bytes, which no core dump holds; or NULL */
};

extern const struct shelf_calls shelf_directory_calls;

#endif
