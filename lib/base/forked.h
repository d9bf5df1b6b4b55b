/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_FORKED_H
#define BASE_FORKED_H

/*
 * Tells a process that it is a fork of the one that made an object. The process id alone does not
 * tell: a child in a PID namespace of its own may have its parent's. What is under a lock needs it: a
 * thread that stays behind in the parent may have held that, and never gives it up in the child.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/macros.h"

struct forked {
	atomic_int *owner; /* a process id; on a page that the kernel shows empty to a child */
	atomic_int here;   /* where it is when the kernel knows of no such page */
	atomic_uint generation;
};

/* False when there is no memory. The object must not be moved afterwards. */
must_check bool forked_init(struct forked *forked);
void forked_deinit(struct forked *forked);

/*
 * True for one thread of a child, which makes the object fit for this process and then calls
 * forked_adopt(). Others wait for it here.
 */
bool forked_is_child(struct forked *forked);
void forked_adopt(struct forked *forked);

/*
 * For an object with nothing to be made fit: a number that is another in a child. What notes it is told by
 * it from its copies in children.
 */
must_check unsigned int forked_generation(struct forked *forked);

#endif
