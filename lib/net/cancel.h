/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_CANCEL_H
#define NET_CANCEL_H

/* Ends a wait of another thread, also from a signal handler. The descriptor that wakes it is made by the first wait. */

#include <stdatomic.h>
#include <stdbool.h>

struct cancel {
	atomic_bool told;
	atomic_int fd; /* or -1 */
};

void cancel_init(struct cancel *cancel);
void cancel_deinit(struct cancel *cancel);

/* From now on cancel_told() is true, and the descriptor is readable. Any thread, and signal handlers. */
void cancel_tell(struct cancel *cancel);

bool cancel_told(struct cancel *cancel);

/* The descriptor to poll beside the others; -1, which poll(2) passes over, when there can be none: then @timeout_ms gets
 * so short that looking at cancel_told() does as well. For the thread that waits. */
int cancel_fd(struct cancel *cancel, int *timeout_ms);

#endif
