/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_DRIVE_H
#define PATH_DRIVE_H

/*
 * Event loops that open connections, or connect sessions, by what tlsfo_conn_fd(), tlsfo_conn_events() and
 * tlsfo_conn_deadline(), or those of an opening, say and by nothing else. A program that has them watches over
 * every advance: one that waits, in whatever system call, fails the test.
 */

#include "path.h"

struct drive {
	struct tlsfo_conn *conn; /* or */
	struct visit visit;	 /* with its opening */
	int ret;		 /* of the last advance */
	unsigned int steps;	 /* advances so far */
	unsigned int most;	 /* it is freed after so many; 0: it is not */
	int fd;			 /* watched, or -1 */
	short events;
};

enum drive_by {
	DRIVE_POLL,
	DRIVE_EPOLL,
	DRIVE_RESTLESS /* poll(2), and an advance every few milliseconds whatever happened */
};

/* Begins a connection to the path's host and port with its configuration. */
void drive_start(struct drive *drive, struct path *path, int64_t deadline);

/* Drives all of them until each is open, has failed or is freed. */
void drive_all(struct drive *drives, size_t count, enum drive_by by);

/* All of them are to be open. */
void drive_expect_open(const struct drive *drives, size_t count);

void drive_free(struct drive *drives, size_t count);

#endif
