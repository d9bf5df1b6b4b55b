/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LAB_POLL_UNTIL_H
#define TLSFO_LAB_POLL_UNTIL_H

#include <poll.h>
#include <stdint.h>

/* Milliseconds left for poll(2) until the deadline, rounded up; −1 for never. */
int poll_time_left(int64_t deadline);

/* poll(2) with a deadline, started again after signals. Returns its count; 0: the deadline came. */
int poll_until(struct pollfd *fds, nfds_t count, int64_t deadline);

#endif
