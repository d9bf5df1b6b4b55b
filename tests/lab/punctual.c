/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Apart from the rest because <linux/sched/types.h> and <sched.h> exclude each other. */

#include "punctual.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SHORTEST_SLICE_NS = 100000 };

/*
 * The default timer slack of 50 µs would be a tenth of the error that the wire may have. Real-time
 * scheduling is a privilege; without it the shortest time slice lets a thread run sooner after
 * waking, since Linux 6.12 (EEVDF).
 */
void thread_be_punctual(void)
{
	struct sched_attr first = {
		.size = sizeof(first),
		.sched_policy = SCHED_FIFO,
		.sched_flags = SCHED_FLAG_RESET_ON_FORK,
		.sched_priority = 1,
	};
	struct sched_attr brief = {
		.size = sizeof(brief),
		.sched_policy = SCHED_NORMAL,
		.sched_runtime = SHORTEST_SLICE_NS,
	};

	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (syscall(SYS_sched_setattr, 0, &first, 0) < 0)
		(void)syscall(SYS_sched_setattr, 0, &brief, 0);
}
