/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OPEN_CANDIDATES_H
#define OPEN_CANDIDATES_H

/* The addresses of one host, in the order in which they are to be tried. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"
#include "net/address.h"
#include "race/race.h"
#include "store/record.h"

struct candidate {
	struct address address;
	/* What knowledge.c knows of fast open to it: */
	bool asked : 1;	  /* the others are filled */
	bool known : 1;	  /* there is a record, which success is to clear */
	bool probing : 1; /* this connection is the probe */
	bool allowed : 1;
	bool routed : 1;	     /* the next is filled */
	struct path_address network; /* the local one */
};

struct candidates {
	struct candidate *list; /* at most RACE_ADDRESSES */
	size_t count;
};

/* attempts.c: one more at the end; pointers to the others are no longer good. False: no memory. */
must_check bool candidates_add(struct candidates *candidates, const struct address *address);

#endif
