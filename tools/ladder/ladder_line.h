/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_LADDER_LINE_H
#define TLSFO_LADDER_LINE_H

/*
 * Ladders in text: packets between a client and a server, one a line, with their times at both ends.
 * `tlsfo probe` draws what a client knows, the lab of the tests what crossed its wire.
 *
 *       ms    RTT    client                                               server      ms
 *      0.0   0.00 #1  │─── SYN, cookie 8, ClientHello 415 ──────────────────────▶│    25.1
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns are counted from 0; no line is longer than LADDER_WIDTH. */
enum { LADDER_WIDTH = 100, LADDER_NUMBER_AT = 16 };

struct ladder_frame {
	size_t client_at; /* column of the client's lane, beyond the number if there are any */
	size_t server_at;
	bool server_time; /* the server's times are known */
	bool round_trips; /* the time of a round trip is known */
	bool ascii;	  /* no character beyond ASCII */
};

/* Where the packet's way ends, and where it began. */
enum ladder_way { LADDER_WHOLE, LADDER_LOST, LADDER_FROM_THE_MIDDLE, LADDER_LOST_FROM_THE_MIDDLE };

struct ladder_line {
	bool to_server;
	bool early_data; /* the arrow is drawn double */
	enum ladder_way way;
	const char *label;   /* UTF-8 */
	const char *by;	     /* who lost it, or NULL */
	unsigned int number; /* of the connection; 0: not written */
	/* Milliseconds, and round trips; NAN where it is not known. */
	double client_ms;
	double client_round_trips;
	double server_ms;
};

/* The names of the lanes and of the columns. */
void ladder_print_heading(FILE *file, const struct ladder_frame *frame);

/* A label that is too long for the line ends in an ellipsis. */
void ladder_print_line(
	FILE *file, const struct ladder_frame *frame, const struct ladder_line *line);

#endif
