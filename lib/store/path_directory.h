/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef STORE_PATH_DIRECTORY_H
#define STORE_PATH_DIRECTORY_H

/*
 * Path records in a directory: one small sealed file each, whose name is its key. It is written beside
 * and renamed over the one before; the last to write is right. What cannot be read counts as nothing. A
 * file that nobody has written for long goes, and so do the oldest when there are too many.
 */

#include "base/macros.h"
#include "store/directory.h"
#include "store/path_record.h"
#include "store/shard.h"

/* Seconds after which a file that was not written again is swept. */
#define PATH_FILE_LIFE (40 * 24 * 3600)

/* The record of this name: 1; 0 when there is none, or a code. */
must_check int path_directory_get(
	const struct directory *directory, const struct name *name, struct path_record *ret_record);

/* Puts it in the place of the one before. False: it cannot be written. */
must_check bool path_directory_put(const struct directory *directory, const struct name *name,
	const struct path_record *record, int64_t now);

/*
 * For one thread of one process at a time: a descriptor for path_directory_release(); the end of the process
 * releases it, too. -1: another is at it.
 */
must_check int path_directory_claim(const struct directory *directory);
void path_directory_release(int claim);

/* All names, in no order; the caller frees the list. What does not belong there is removed on the way.
 * Returns 0 or a code. */
must_check int path_directory_names(
	const struct directory *directory, int64_t now, struct names *ret_names);

#endif
