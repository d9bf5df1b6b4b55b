/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_us(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_s(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

int64_t deadline_in(int64_t now_us, int64_t ms)
{
	/* The clock reads full milliseconds: round up, or the deadline would be early. */
	int64_t now = (now_us + 999) / 1000;

	if (ms < 0 || ms > INT64_MAX - now)
		return DEADLINE_NEVER;
	return now + ms;
}

bool deadline_passed(int64_t deadline, int64_t now_us)
{
	return deadline >= 0 && deadline <= now_us / 1000;
}

int deadline_poll(int64_t deadline, int64_t now_us)
{
	if (deadline < 0)
		return -1;
	if (deadline_passed(deadline, now_us))
		return 0;
	/* In whole milliseconds the difference is rounded up already: now is rounded down. */
	int64_t left = deadline - now_us / 1000;
	return left > INT_MAX ? INT_MAX : (int)left;
}

int64_t deadline_of_us(int64_t us)
{
	return us < 0 ? DEADLINE_NEVER : (us + 999) / 1000;
}

int64_t deadline_earlier(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}
