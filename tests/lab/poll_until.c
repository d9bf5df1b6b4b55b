/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "poll_until.h"

#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

enum { NS_PER_MS = 1000000 };

uint64_t lab_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int64_t lab_deadline(int64_t milliseconds)
{
	if (milliseconds < 0)
		return -1;
	return (int64_t)((lab_now_ns() + NS_PER_MS - 1) / NS_PER_MS) + milliseconds;
}

int poll_time_left(int64_t deadline)
{
	int64_t left;

	if (deadline < 0)
		return -1;

	left = deadline - (int64_t)(lab_now_ns() / NS_PER_MS);
	if (left <= 0)
		return 0;
	return left < INT_MAX ? (int)left : INT_MAX;
}

int poll_until(struct pollfd *fds, nfds_t count, int64_t deadline)
{
	for (;;) {
		int ready = poll(fds, count, poll_time_left(deadline));

		if (ready > 0)
			return ready;
		if (ready < 0 && errno != EINTR && errno != EAGAIN)
			return 0;
		if (ready == 0 && poll_time_left(deadline) == 0)
			return 0;
	}
}
