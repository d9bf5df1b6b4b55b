/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_SHARD_H
#define STORE_SHARD_H

/* One directory of sealed files that is open: the names in it, the files behind the names. */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/macros.h"
#include "store/name.h"
#include "store/peer.h"

struct shard {
	DIR *stream;
	int fd; /* the stream's */
};

struct names {
	struct name *list;
	size_t count;
	size_t room;
	int left; /* errno of what was to be removed and is still there, or 0 */
};

/* A file's content, opened; secret. */
struct content {
	unsigned char *data;
	size_t len;
	struct bytes record; /* a view of the data */
};

/* What came of many files: a failure is told in the end, and hinders nothing before. */
struct tally {
	int removed;
	int failed; /* the first code, */
	int error;  /* and its errno */
};

/* Counts a file removed, 1, or keeps a code. */
void tally_add(struct tally *tally, int result);
/* Returns how many were removed; or a code with its errno. */
int tally_end(const struct tally *tally);

/* Takes over the descriptor of a directory; one that could not be opened, -1, is a failure. Returns 0 or
 * a code. */
must_check int shard_open(int fd, struct shard *ret_shard);
void shard_close(struct shard *shard);

/*
 * The names that @belongs says yes to, or those of one peer among them, in no order; the caller frees the
 * list. What is left over and what does not belong there is removed on the way. Returns 0 or a code.
 */
must_check int shard_names(const struct shard *shard, bool (*belongs)(const char *name),
	const struct peer_key *peer, int64_t now, struct names *ret_names);

/* Writes a sealed file beside and renames it to @name. Returns 0 or a code; then there is no file. */
must_check int shard_write(
	int fd, const struct name *name, int64_t now, const void *sealed, size_t len);

/*
 * Reads the file @name without removing it. Returns 1 and the content, which is the caller's to clear; 0
 * when there is no such file, or it is damaged, or not this key's; or a code.
 */
must_check int shard_read(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content);

/* The same after removing the file; 0 when another was quicker. */
must_check int shard_take(
	int fd, const struct name *name, const unsigned char *key, struct content *ret_content);

/* Returns 1 when it was this call that removed the file, 0 when there is none, or a code. */
int shard_remove(int fd, const char *name);

void content_clear(struct content *content);

#endif
