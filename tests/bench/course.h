/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_COURSE_H
#define TLSFO_BENCH_COURSE_H

/*
 * A course: a new lab with a server, and what a client does there. Every course has hosts of its
 * own, so no cookie and no other memory of the kernel is left from an earlier one.
 */

#include "client.h"
#include "figure.h"
#include "lab.h"
#include "server.h"

enum { COURSE_DIRECTORY = 64 };

struct course {
	struct lab *lab;
	int error;			  /* of the server's start: 0 or −errno */
	char directory[COURSE_DIRECTORY]; /* of the server's and the client's files */
};

/*
 * Makes the lab, starts the server and has it answer once; a failure is in `error`. Ends the process with
 * LAB_EXIT_SKIP where the system permits no lab. Ended by course_end().
 */
void course_begin(struct course *course, const struct server *server, double rtt_ms);
void course_end(struct course *course);

/* The members of a figure that are known before it is measured. */
struct figure course_figure(
	const struct server *server, const struct client *client, double rtt_ms, unsigned int run);

#endif
