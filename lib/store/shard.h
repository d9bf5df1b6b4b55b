/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SHARD_H
#define STORE_SHARD_H

/* One shard of a directory that is open: the names in it, the files behind the names. */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"
#include "store/name.h"
#include "store/peer.h"
#include "store/record.h"

struct shard {
	DIR *stream;
	int fd; /* the stream's */
};

struct names {
	struct name *list;
	size_t count;
	size_t room;
};

/* A file's content, opened; secret. */
struct content {
	unsigned char *data;
	size_t len;
	struct record_ticket ticket; /* looks into the data */
};

/* Opens the shard @number, making it when it is missing. Returns 0 or TLSFO_E_SYSTEM. */
must_check int shard_open(int tickets, unsigned int number, struct shard *ret_shard);
void shard_close(struct shard *shard);

/*
 * The names of all tickets, or of one peer's, in no order; the caller frees the list. What is left over and
 * what does not belong there is removed on the way. Returns 0 or a code.
 */
must_check int shard_names(const struct shard *shard, const struct peer_key *peer, int64_t now,
	struct names *ret_names);

/* Writes a sealed file beside and renames it to @name. Returns 0 or a code; then there is no file. */
must_check int shard_write(const struct shard *shard, const struct name *name, int64_t now,
	const void *sealed, size_t len);

/* What became of looking at a file. */
enum shard_found {
	SHARD_NOTHING, /* there is no such file, or it is damaged, or not this key's */
	SHARD_TICKET,
};

/*
 * Reads the ticket @name without removing it. Returns an enum shard_found or a code. The content is the
 * caller's to clear.
 */
must_check int shard_read(const struct shard *shard, const struct name *name,
	const unsigned char *key, struct content *ret_content);

/* The same after removing the file; SHARD_NOTHING when another was quicker. */
must_check int shard_take(const struct shard *shard, const struct name *name,
	const unsigned char *key, struct content *ret_content);

/* Was it this call that removed the file? */
bool shard_remove(const struct shard *shard, const struct name *name);

/* Removes what is too much in this shard. */
void shard_tidy(const struct shard *shard, int64_t now);

void content_clear(struct content *content);

#endif
