/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_MANY_RUN_H
#define TLSFO_BENCH_MANY_RUN_H

/*
 * One run: a lab, a server on one side, a client that opens many connections on the other. Every run
 * has new hosts, so that nothing is left of an earlier one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "many_result.h"

struct many_plan {
	const char *way; /* of many_way.h */
	unsigned int count;
	bool each;		  /* one after the other, with poll(2) */
	bool cookie;		  /* the server gives fast-open cookies, so the client has one */
	bool stranger;		  /* which comes from another process: the server is not known */
	const char *calls;	  /* where strace writes its table, or NULL: without strace */
	const char *instructions; /* the same for callgrind */
	/* What the server is slow in, 0 for a fast one. */
	unsigned int take_us;
	unsigned int answer_ms;
};

struct many_row {
	struct many_plan plan;
	unsigned int run;
	bool taken; /* the next are filled */
	struct many_result result;
	size_t syns;	    /* sent by the client, the warm-up's left out */
	size_t connections; /* the same by ports: a SYN that is sent again counts once */
};

/* Where there is no lab the program ends with LAB_EXIT_SKIP. */
void many_run(const struct many_plan *plan, struct many_row *ret_row);

#endif
