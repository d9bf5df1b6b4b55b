/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_BENCH_PATHS_FETCH_H
#define TLSFO_BENCH_PATHS_FETCH_H

/* How the client programs of bench-paths fetch the page of the benchmark's server, with the library. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/tlsfo.h>

/* A connection's own deadline, and that of each answer. */
enum { PATHS_DEADLINE_MS = 30000 };

struct paths_config {
	const char *ca;
	const char *store; /* a directory, or NULL: none */
	bool memory;	   /* a store in memory; not with a directory */
	enum tlsfo_fast_open_mode mode;
};

/* Ends the process when it cannot be made. */
struct tlsfo_config *paths_config_new(
	const struct paths_config *wanted, struct tlsfo_store **ret_store);

/* Responses, told apart by their length in a stream of them. */
struct paths_responses {
	unsigned int whole; /* that have arrived */
	size_t end;	    /* bytes of the blank line that have come */
	size_t body;	    /* bytes of the body that are to come */
};

/* Asks for the page under a name of its own: "GET /?NAME". Returns the request's length. */
int paths_request(char *buf, size_t size, const char *host, const char *name, bool last);

/* Opens a connection with first data. @ret_conn is set also where that failed, unless there is no connection to ask. */
int paths_open(struct tlsfo_config *config, const char *host, const char *port, const void *data,
	size_t len, unsigned int flags, struct tlsfo_conn **ret_conn);

/*
 * Reads until so many responses have arrived, or with 0 to the end of the stream. Returns 0 or the
 * error.
 */
int paths_read(struct tlsfo_conn *conn, unsigned int wanted, struct paths_responses *responses);

/* Nanoseconds of the clock that the lab's trace counts by. */
uint64_t paths_now_ns(void);

/* The port of this side, or 0. */
unsigned int paths_local_port(const struct tlsfo_conn *conn);

#endif
