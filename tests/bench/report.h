/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_REPORT_H
#define TLSFO_BENCH_REPORT_H

/* What is made of figures: tables for people, and the input of gnuplot. */

#include <stdbool.h>
#include <stdio.h>

#include "figure.h"

/* The distance and server that the requirements and the picture are about. */
#define REPORT_RTT_MS 50
#define REPORT_SERVER "nginx"

/* One table per server, TLS version and distance: clients by scenarios and families. */
void report_round_trips(FILE *file, const struct figures *figures);

/* One table: boxes by clients, in milliseconds. */
void report_middleboxes(FILE *file, const struct figures *figures);

/* Was the client measured behind middleboxes? */
static inline bool report_is_compared(const struct figures *figures, const char *client)
{
	struct figure_key key = {.family = FIGURE_BOTH, .client = client};

	return figures_any(figures, &key);
}

/* What tlsfo must reach. False when a figure that was measured does not. */
bool report_required(FILE *file, const struct figures *figures);

/* A gnuplot script, data and all, that writes the picture to @svg. False: there is nothing to draw. */
bool report_plot(FILE *file, const struct figures *figures, const char *svg);

#endif
