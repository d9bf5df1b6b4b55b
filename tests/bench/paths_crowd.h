/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_PATHS_CROWD_H
#define TLSFO_BENCH_PATHS_CROWD_H

/* Many visits by one process, some of them at once. */

#include "course.h"

#include <stdio.h>

/* A bench-paths-crowd. */
struct crowd {
	struct lab *lab;
	pid_t pid;
	FILE *to;
	FILE *from;
	unsigned int prepared; /* visits that it made to prepare the others */
};

/* What it says of one visit. */
struct crowd_visit {
	unsigned int
		number; /* "NUMBER" is the name of its request, "NUMBER.end" that of its second */
	int code;	/* 0 or the library's error */
	unsigned int port; /* of the session that it ended with */
	unsigned int responses;
	int early_data;	 /* of <tlsfo/report.h> */
	int reconnected; /* the same */
};

/* Starts it and waits until it has prepared the visits. False: it could not. */
bool crowd_start(struct crowd *crowd, const struct course *course, const char *kind,
	const char *host, unsigned int count, unsigned int at_once);

/* Has it make the visits. Returns how many it tells of. */
size_t crowd_go(struct crowd *crowd, struct crowd_visit *ret_visits, size_t room);

void crowd_end(struct crowd *crowd);

#endif
