/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_PATHS_VISIT_H
#define TLSFO_BENCH_PATHS_VISIT_H

/* Visits of processes that live on between them, and their times. */

#include "course.h"
#include "paths.h"

#include <stdint.h>

/* A bench-paths-visitor. */
struct visitor {
	struct lab *lab;
	pid_t pid;
	FILE *to; /* NULL: it could not be started */
	FILE *from;
};

/* What a visitor says of a visit; the words are numbers of <tlsfo/report.h>. */
struct visitor_answer {
	int code; /* 0, or the library's error */
	unsigned int responses;
	uint64_t ended_ns; /* of the lab's clock */
	int fast_open;
	int reason;
	int reconnected;
	int early_data;
};

/* @store is the name of its store in the course's directory. */
void visitor_start(
	struct visitor *visitor, const struct course *course, const char *store, const char *mode);
void visitor_end(struct visitor *visitor);

/* What the SYNs of a visit have to say, or the visit is not what it was meant to be. */
enum visit_syn {
	VISIT_CARRIES, /* one of them carried data */
	VISIT_KNOWS,   /* one of them carried a cookie */
	VISIT_ASKS,    /* the first asked for a cookie, and none carried one */
	VISIT_PLAIN,   /* there was one, without data and option */
	VISIT_OPENS,   /* there was one, and all its data was acknowledged */
	VISIT_EARLY    /* the same with early data, which was all in it, and taken */
};

/* A visit that is asked for. */
struct visit_step {
	const char *path;
	const char *visit;
	const char *host;
	const char *data; /* "ordinary" or "safe" */
	struct paths_limit limit;
	enum visit_syn syn;
	unsigned int run;
};

/* Makes a visit after the wire has come to rest, and with a new trace. False: the visitor is gone. */
bool visitor_ask(struct visitor *visitor, const char *host, const char *data, const char *name,
	struct visitor_answer *ret_answer);

/* The number of the program's error, as bench-paths-visitor tells it. */
enum { VISITOR_SWALLOWS = -65219 };

/*
 * Makes the visit and adds the time from its first SYN to the first byte of the response, on the wire.
 * Without a visitor (NULL) there is none.
 */
void visit_take(struct paths *paths, struct visitor *visitor, const struct visit_step *step);

/* One that is not measured. */
void visit_pass(struct visitor *visitor, const char *host);

/* Adds the time of a visit that was made: NAN, with the reason, or what the wire says. */
void visit_note(struct paths *paths, const struct visit_step *step, const char *outcome, double ms);

/* "ok", or what the SYNs of the trace were not; all of the lab's trace. */
const char *visit_judge_syns(struct lab *lab, enum visit_syn syn);

/* Milliseconds to the first byte of the response, or NAN. */
double visit_response_ms(struct lab *lab);

/* The names of the server in turn: with both families, IPv4 alone, IPv6 alone. */
const char *visit_host(unsigned int run);

#endif
