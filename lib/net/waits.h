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
	struct wait_list
		now; /* the descriptors that are awaited, with the result of the last poll */
	struct wait_list next; /* those that waits_add() has collected */
	int epoll;	       /* or -1 */
	int64_t wake_us;       /* the time to go on although nothing happened, or -1 */
	bool polled;	       /* ->now was polled since it was published */
	bool unshared; /* the program polls nothing itself, so several need no epoll descriptor */
	bool steady;   /* the epoll descriptor stays, and holds also what is awaited alone */
};

void waits_init(struct waits *waits);

/* Makes the epoll descriptor that stays. Returns 0, or -1 with errno. */
must_check int waits_keep_steady(struct waits *waits);

/* Forgets what was awaited, also the time, and closes the epoll descriptor unless it is to stay. */
void waits_deinit(struct waits *waits);

/* Forgets the descriptors that were added since the last waits_publish(), and the time. */
void waits_restart(struct waits *waits);

/* Adds a descriptor, which is awaited from waits_publish() on. False: no memory. */
must_check bool waits_add(struct waits *waits, int fd, short events);

/* Go on at @us at the latest, in microseconds of the monotonic clock; -1 is no limit. */
void waits_wake_at(struct waits *waits, int64_t us);

/* Awaits the descriptors that were added, and no other ones any more. Returns 0, or -1 with errno. */
must_check int waits_publish(struct waits *waits);

/* The descriptor that the program polls, or -1, and the events of it. */
int waits_fd(const struct waits *waits);
short waits_events(const struct waits *waits);

/* Polls all descriptors and @alarm, if it is not -1, at most @timeout_ms (-1: no limit) or until a signal. Returns 0, or
 * -1 with errno. */
must_check int waits_poll(struct waits *waits, int timeout_ms, int alarm);

/* Begins a step: tells the time, then polls without waiting if that was not done since waits_publish(), or if a time has
 * come: an event that happened before a time is judged to be over comes first, on a busy system too. 0, or -1 with errno. */
must_check int waits_look(struct waits *waits, int64_t deadline, int64_t *ret_now_us);

/* The events of @fd that the last poll found; 0 for a descriptor that was not awaited. */
short waits_found(const struct waits *waits, int fd);

#endif
