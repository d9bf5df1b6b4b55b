/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_FIGURE_H
#define TLSFO_BENCH_FIGURE_H

/*
 * One single measurement, and files of them: CSV, one line each, with a line of names on top. The
 * file is what the benchmarks leave behind; tables and pictures are made from it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { FIGURE_WORD = 32 };

/* What `family` is when the name has addresses of both families. */
enum { FIGURE_BOTH = 0 };

struct figure {
	char server[FIGURE_WORD];   /* "nginx" */
	char tls[FIGURE_WORD];	    /* "1.3" */
	int family;		    /* 4, 6 or FIGURE_BOTH */
	double rtt_ms;		    /* of the wire */
	char box[FIGURE_WORD];	    /* "none" */
	char scenario[FIGURE_WORD]; /* a name of scenario.h */
	char client[FIGURE_WORD];   /* a name of client.h */
	unsigned int run;	    /* counted from 1 */
	/*
	 * "ok", or why there is no time: "late", "failed", "missing", and where the scenario wants it
	 * otherwise, "full-handshake" or "no-early-data"
	 */
	char outcome[FIGURE_WORD];
	double ms;		  /* first SYN to first byte of the response; NAN: none */
	double round_trips;	  /* the same; NAN: none */
	long syn_bytes;		  /* data in the first SYN; −1: there was none */
	long syn_acked;		  /* bytes of it that the first SYN-ACK acknowledged; −1: none */
	unsigned int connections; /* that the client opened until then */
	long resumed;		  /* 1: the server took up the session, 0: full; −1: unknown */
	long early_bytes;	  /* of early data that was accepted; −1: none was */
	long early_in_syn;	  /* of these, those in the first SYN; −1: none was accepted */
};

/* Writes a word into a member of a figure. */
void figure_word(char *member, const char *word);

/* Nothing is measured yet: "missing". */
void figure_clear(struct figure *figure);

void figure_write_names(FILE *file);
void figure_write(FILE *file, const struct figure *figure);

/* Figures in the order of their files. */
struct figures {
	struct figure *list;
	size_t count;
};

/* Adds those of a file. False, with a line on standard error, when it cannot be read. */
bool figures_read(struct figures *figures, const char *path);
void figures_free(struct figures *figures);

/* What figures are looked for by; NULL, −1 or 0 matches anything. */
struct figure_key {
	const char *server;
	const char *tls;
	int family;
	double rtt_ms;
	const char *box;
	const char *scenario;
	const char *client;
};

bool figure_matches(const struct figure *figure, const struct figure_key *key);

bool figures_any(const struct figures *figures, const struct figure_key *key);

/* Something to take the median of. */
enum figure_value { FIGURE_MS, FIGURE_ROUND_TRIPS };

/*
 * The median of those that match. NAN when there are none, or when half of them or more have no
 * time: a client that fails every other time has no time that could be told.
 */
double figures_median(
	const struct figures *figures, const struct figure_key *key, enum figure_value value);

/* The least of those that have a time; NAN when none has. */
double figures_least(
	const struct figures *figures, const struct figure_key *key, enum figure_value value);

#endif
