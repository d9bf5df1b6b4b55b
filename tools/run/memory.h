/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

/*
 * The path memory of "tlsfo run": which addresses answered last time, and where fast open failed. It is a small file
 * beside the store, and not a part of it: records of the store are sealed with nettle, which foreign programs must
 * not be given. "tlsfo run" makes the file and writes into it where the store's own path memory pauses. A program
 * that cannot open the file, and the processes that it forks, remember by themselves.
 *
 * A record takes a few bytes, read and written by one system call. Two processes that write at once may lose one of
 * the two facts; the cost is a visit without fast open, or one more failure.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* The environment variable with the name of the file. */
#define MEMORY_VARIABLE "TLSFO_RUN_MEMORY"

/* Fast open pauses for so many milliseconds where it failed. */
#define MEMORY_PAUSE_MS (3600 * INT64_C(1000))

/* What is to be remembered of an address and port. */
enum memory_fact {
	MEMORY_TRIED = 1,    /* a connection to it is being made */
	MEMORY_ANSWERED = 2, /* the peer answered */
	MEMORY_FAILED = 4    /* fast open failed */
};

enum memory_advice {
	MEMORY_DEFER, /* the address answered last time: its cookie may be used */
	MEMORY_ASK, /* nothing is known of the address: ask for a cookie, and put no data into the SYN */
	MEMORY_AVOID /* the address did not answer last time, or fast open failed: connect plainly */
};

/* Makes the file, or uses the one that is there. Returns 0 or -1 and errno. */
int memory_make(const char *path);

/* The name of the file; NULL: there is none. It is kept: programs change their environment. */
void memory_use(const char *path);

enum memory_advice memory_ask(const struct sockaddr *address);

/* @facts are some of enum memory_fact. */
void memory_tell(const struct sockaddr *address, int facts);

/* In a forked child: another thread of the parent may have held the lock. */
void memory_forked(void);

#endif
