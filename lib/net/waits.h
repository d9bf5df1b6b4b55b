/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef NET_WAITS_H
#define NET_WAITS_H

/*
 * The descriptors that a connection waits for. Usually there is one, and whoever polls is handed just that; several
 * are handed out as one epoll descriptor that holds them all.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct wait_list {
	struct pollfd *list;
	size_t count;
};

struct waits {
	struct wait_list now;  /* what is awaited, and what the last poll found */
	struct wait_list next; /* being collected */
	int epoll;	       /* or -1 */
	int64_t wake_us;       /* the time to go on although nothing happened, or -1 */
	bool polled;	       /* what was found is fresh */
	bool unshared;	       /* nobody asks for a descriptor: several are polled as they are */
};

void waits_init(struct waits *waits);

/* Closes the epoll descriptor and forgets what was awaited, also the time. */
void waits_deinit(struct waits *waits);

/* Forgets what was added since the last waits_publish(), and the time. */
void waits_restart(struct waits *waits);

/* One more to be awaited from waits_publish() on. False: no memory. */
must_check bool waits_add(struct waits *waits, int fd, short events);

/* Go on at @us at the latest, in microseconds of the monotonic clock; -1 is no limit. */
void waits_wake_at(struct waits *waits, int64_t us);

/* What was added since the last time takes the place of what was awaited. 0, or -1 with errno. */
must_check int waits_publish(struct waits *waits);

/* What the program polls: a descriptor, or -1, and its events. */
int waits_fd(const struct waits *waits);
short waits_events(const struct waits *waits);

/* Polls all of them, at most @timeout_ms (-1: no limit). 0, or -1 with errno. */
must_check int waits_poll(struct waits *waits, int timeout_ms);

/* What the last poll found of @fd; 0 for one that was not awaited. */
short waits_found(const struct waits *waits, int fd);

#endif
