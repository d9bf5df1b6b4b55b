/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef REPORT_JUDGE_H
#define REPORT_JUDGE_H

/* What became of fast open, from what was done and what the kernel says. Pure. */

#include <stdbool.h>
#include <stdint.h>

#include <tlsfo/report.h>

#include "net/fastopen.h"
#include "net/tcp_facts.h"

struct judge_facts {
	bool started;		       /* a SYN left */
	bool wanted;		       /* the program did not ask for a plain connect */
	bool remembered;	       /* not wanted, because it failed there before */
	enum fastopen_absence absence; /* why the system call was not even tried */
	int64_t syn_bytes;	       /* as the system call told, or -1 */
	bool tcp_known;		       /* the next is filled */
	struct tcp_facts tcp;
	int cookie_known;  /* the kernel has a cookie now: 1, 0, or -1: not asked */
	int disabled_here; /* the system's settings forbid it: 1, 0, or -1: not asked */
};

struct judge_verdict {
	enum tlsfo_fast_open fast_open;
	enum tlsfo_reason reason;
	int64_t syn_bytes; /* -1: unknown */
};

struct judge_verdict judge(const struct judge_facts *facts);

#endif
