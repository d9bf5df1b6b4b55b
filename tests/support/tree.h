/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef SUPPORT_TREE_H
#define SUPPORT_TREE_H

/* Removes directories of tests with all that is in them. */

#include <ftw.h>
#include <stdio.h>

static inline int tree_remove_one(
	const char *path, const struct stat *found, int type, struct FTW *at)
{
	(void)found;
	(void)type;
	(void)at;
	return remove(path);
}

/* Returns 0, or −1 with errno; links are not followed. */
static inline int tree_remove(const char *path)
{
	return nftw(path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
