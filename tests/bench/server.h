/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_SERVER_H
#define TLSFO_BENCH_SERVER_H

/* The servers: each answers any request with one page, as lab_trace_first_response() wants it. */

#include <stdbool.h>

#include "lab.h"

/* SERVER_PAGE: bytes of the page. */
enum { SERVER_PORT = 4433, SERVER_PAGE = 8000 };

/*
 * nginx writes a line for each request that has reached it into this file of the directory: the path
 * and query asked for, and the client's port.
 */
#define SERVER_LOG "requests"

struct server {
	const char *name; /* in files and tables */
	const char *tls;  /* "1.3": the one version it speaks */
	/* Writes what it needs into the directory and starts it. 0 or −errno. */
	int (*start)(struct lab *lab, const struct server *server, const char *directory);
	const char *version; /* shell command that prints the version */
	bool early_data;     /* it takes early data and answers it */
};

/* Ended by one without a name. */
extern const struct server servers[];

const struct server *server_find(const char *name, const char *tls);

/* Starts a server and waits until it listens. 0, −ENOENT: not installed, or another −errno. */
int server_start(struct lab *lab, const struct server *server, const char *directory);

#endif
