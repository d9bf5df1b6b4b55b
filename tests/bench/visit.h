/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_VISIT_H
#define TLSFO_BENCH_VISIT_H

/* One visit of a client to the server, and its time. */

#include "client.h"
#include "figure.h"
#include "lab.h"

struct visit {
	struct lab *lab;
	const struct client *client;
	enum scenario scenario;
	struct client_target target;
	int64_t bound_ms; /* how long to wait for the response */
	bool whole;	  /* let the client come to its end, so that it can keep a ticket */
	bool fresh;	  /* it has no ticket yet, whatever the scenario */
};

/*
 * Visits once and writes outcome, times and the facts of the SYN into the figure, whose other
 * members are left alone. The time is taken on the wire, the same way for every client: from the
 * client's first SYN to the first byte of the response at the client, over all connections it
 * makes.
 */
void visit_run(const struct visit *visit, struct figure *figure);

#endif
