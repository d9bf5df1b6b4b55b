/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

/*
 * A store in a directory, in the manner of maildir: the file system is the database.
 *
 *	PATH/tlsfo-1/key              the store's key, unless the caller has one
 *	PATH/tlsfo-1/tickets/[0-f]/   the shards, by the first digit of the peer's key
 *	PATH/tlsfo-1/paths/           path records (path_directory.h)
 *
 * A ticket is a sealed file, written beside and renamed into place under a name that is never used
 * again. To take it is to unlink it, and the ticket is whose unlink succeeds. There is no lock and
 * nothing to repair: a process may be killed anywhere, and leaves at most a file that is swept later. In
 * memory there is but the descriptor and the key, neither of which changes; so threads need no lock
 * and a forked process goes on like any other.
 *
 * A later version of the layout is called tlsfo-2.
 */

#include <stdint.h>

#include "base/macros.h"
#include "base/text.h"
#include "store/peer.h"
#include "store/record.h"
#include "store/seal.h"
#include "store/ticket.h"

struct directory {
	int tickets;	    /* descriptor; -1: not open */
	int paths;	    /* the same */
	unsigned char *key; /* SEAL_KEY_SIZE bytes, which no core dump holds */
};

/*
 * Opens it, making what is missing. @key is NULL for the key in the directory. Returns 0 or a code
 * of <tlsfo/store.h>, and says in @why what is wrong.
 */
must_check int directory_open(
	struct directory *directory, const char *path, const unsigned char *key, struct text *why);

/* Wipes the key; a directory that is not open may be closed. */
void directory_close(struct directory *directory);

/* As store_put(), store_take() and <tlsfo/store.h> say. */
must_check int directory_put(const struct directory *directory, const struct peer *peer,
	const struct ticket *ticket, int64_t now);
must_check int directory_take(const struct directory *directory, const struct peer *peer,
	int64_t now, int64_t slack, struct ticket *ret_ticket);
must_check int directory_count(
	const struct directory *directory, const struct peer *peer, int64_t now, int64_t slack);
must_check int directory_forget(
	const struct directory *directory, const char *host, unsigned int port, int64_t now);
must_check int directory_clear(const struct directory *directory);

/* Hands on each ticket that is alive; ends with the first result that is not 0. What cannot be read is told
 * in the end. */
typedef int (*directory_each_fn)(const struct record_ticket *ticket, void *userdata);
must_check int directory_each(
	const struct directory *directory, int64_t now, directory_each_fn fn, void *userdata);

#endif
