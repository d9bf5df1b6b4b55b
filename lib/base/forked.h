/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef BASE_FORKED_H
#define BASE_FORKED_H

/*
 * Tells a process that it is a fork of the one that made an object. The process id alone does not tell that,
 * because a child in a PID namespace of its own may have its parent's number. An object with a lock needs to know:
 * a thread of the parent may have held the lock during fork(2), and no thread of the child ever gives it up.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/macros.h"

struct forked {
	atomic_int *
		owner; /* a process id, on a page that the kernel wipes in a forked child, or ->here */
	atomic_int here; /* for kernels that cannot wipe a page on fork(2) */
	atomic_uint generation;
};

/* False when there is no memory. The object must not be moved afterwards. */
must_check bool forked_init(struct forked *forked);
void forked_deinit(struct forked *forked);

/* True for one thread of a child, which makes the object fit for this process and then calls forked_adopt(). Other
 * threads wait for that here. */
bool forked_is_child(struct forked *forked);
void forked_adopt(struct forked *forked);

/*
 * A number that changes in every forked child. Store it in an object that needs no lock; if it differs later, the
 * object is a copy inherited through fork(2).
 */
must_check unsigned int forked_generation(struct forked *forked);

#endif
