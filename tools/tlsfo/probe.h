/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_PROBE_H
#define TLSFO_COMMAND_PROBE_H

/*
 * "tlsfo probe": what was seen (the facts), what follows from it (the findings), what to change (the
 * advice), and the two forms in which all of it is told. Only probe.c and probe_visit.c have to do
 * with a network.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cookies.h"
#include "probe_system.h"
#include "probe_visit.h"

/* In the order in which they are made. */
enum probe_visit_kind {
	PROBE_PLAIN,	  /* without fast open: does the server work, and how long does it take? */
	PROBE_COOKIE,	  /* with a cookie where one was given, a full handshake */
	PROBE_COOKIE_TWO, /* the same again, because what the first met may have been chance */
	PROBE_TICKET,	  /* with a ticket too, where one was given */
	PROBE_VISITS
};

struct probe_facts {
	const char *host;
	const char *port;
	bool verified; /* certificates are verified */
	struct probe_system system;
	struct cookies cookies;
	struct probe_visit visits[PROBE_VISITS];
	unsigned int tickets; /* there to be used before the visit with a ticket */
	uint32_t early_data;  /* bytes that the newest allows */
};

/* What fast open comes to here. */
enum probe_outcome {
	PROBE_UNKNOWN,
	PROBE_WORKS,
	PROBE_OFF_HERE,	   /* this system may not, cannot, or holds back */
	PROBE_NO_COOKIE,   /* asked for, and not given */
	PROBE_PATH_BREAKS, /* see the path */
};

/* What the path makes of a SYN with data. */
enum probe_path {
	PROBE_PATH_UNKNOWN,
	PROBE_PATH_CLEAN,
	PROBE_PATH_DROPS_SYN_DATA,
	PROBE_PATH_DROPS_SYN_OPTION,
	PROBE_PATH_RESETS_SYN_DATA,
	PROBE_PATH_NOT_ACKNOWLEDGED,
	PROBE_PATH_GOES_SILENT,
	PROBE_PATH_SWALLOWS,
	PROBE_PATH_LOSES_SYNS, /* plain ones too, so that nothing can be said of the others */
};

struct probe_findings {
	enum probe_outcome outcome;
	enum probe_path path;
	bool by_chance; /* the first visit met something, the second nothing */
	const struct probe_visit
		*cookie; /* the visit that counts of the two with a cookie, or NULL */
	const struct probe_visit *ticket; /* or NULL: none was made, or it failed */
	const struct probe_visit *last;	  /* whose round trips are known, or NULL */
	int64_t rtt_us;			  /* the least seen, or -1 */
	int round_trips[PROBE_VISITS];	  /* see probe_round_trips() */
	int early_data;			  /* round trips with early data, or -1: not allowed */
};

struct probe_findings probe_judge(const struct probe_facts *facts);

/*
 * Round trips from the first SYN to the first byte of the response to a request that is sent as soon
 * as it may be, without early data: as many as this visit was seen to need, and one for request and
 * response. What an attempt lost that was given up is not counted. -1: the visit did not succeed, or
 * what it sent later did not arrive.
 */
int probe_round_trips(const struct probe_visit *visit);

/* Did all of the hello ride in the SYN? 1, 0, or -1: it carried nothing, or this is unknown. */
int probe_hello_fits(const struct probe_visit *visit);

/* Words of the JSON form; NULL is unknown. */
const char *probe_outcome_name(enum probe_outcome outcome);
const char *probe_path_name(enum probe_path path);
const char *probe_visit_name(size_t kind);

/* One thing to change. */
struct probe_change {
	const char *where; /* "here", "server" or "path" */
	const char *what;  /* a word for programs */
	int saves;	   /* round trips */
	char text[640];
	char command[256]; /* that does it, or empty */
};

#define PROBE_CHANGES_MAX 12

/* The best first. Returns how many. */
size_t probe_advise(const struct probe_facts *facts, const struct probe_findings *findings,
	struct probe_change *ret_changes);

/* All of it for people, to @file, and as one JSON object; false: no memory. */
bool probe_print_text(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings);
bool probe_print_json(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings);

/* The packets of one visit, as far as they are known here. */
void probe_print_ladder(FILE *file, const struct probe_visit *visit, int64_t rtt_us);

#endif
