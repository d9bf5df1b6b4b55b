/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_SPELL_H
#define PATH_SPELL_H

/*
 * A spell of silence: a path that loses for 1.3 s what a client sends after a SYN with data, which is not longer
 * than a path may lose packets by chance. The kernel sends again by its probe for the tail (RFC 8985 §7), then
 * by its timer after 250 and 500 ms; the next time, 1000 ms later, gets through.
 */

#include "path.h"

/* Puts it into the path of the nth connection from now, from 0. It begins with what is lost first. */
void spell_cast(struct path *path, unsigned int nth);

/* Ends the fact unless the data itself and three repetitions were lost. */
void spell_expect_lost(void);

#endif
