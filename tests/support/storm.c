/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/storm.h"

#include <signal.h>
#include <sys/time.h>

#include "support/suite.h"

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals = signals + 1;
}

void storm_begin(bool restart)
{
	const struct itimerval each = {{0, 20000}, {0, 20000}};
	struct sigaction action = {
		.sa_handler = count_signal,
		.sa_flags = restart ? SA_RESTART : 0,
	};

	signals = 0;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &each, NULL), 0);
}

void storm_end(void)
{
	const struct itimerval never = {{0, 0}, {0, 0}};

	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_true(signals > 0);
}
