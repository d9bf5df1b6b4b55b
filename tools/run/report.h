/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

/* What became of one connection: a line of JSON in the file that --report-file names. */

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The environment variable with the name of the file. */
#define REPORT_VARIABLE "TLSFO_RUN_REPORT"

/* The words are those of the report of <tlsfo/report.h>. */
struct report {
	const char *fast_open; /* NULL: not known */
	const char *reason;    /* or NULL */
	ssize_t syn_bytes;     /* in the SYN; -1: not known */
	bool asked;	/* the SYN has the option, with a cookie or with the question for one */
	bool hello;	/* the ClientHello was given to the SYN */
	bool connected; /* the peer is known to have answered */
	int error;	/* errno of the call that failed, or 0 */
};

/* The name of the file; NULL: there is none. It is kept: programs change their environment. */
void report_use(const char *path);

/* Appends the line, if there is a file. */
void report_write(const struct report *report, const struct sockaddr *address);

#endif
