/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef FAULTS_INJECT_H
#define FAULTS_INJECT_H

/*
 * A shared library that stands before the C library and lets one of its functions fail: the n-th call of
 * it, or every call from the n-th on. Only calls that come from tlsfo are counted, or for memory, if so
 * asked, those that come from GnuTLS; never those of a test.
 *
 * A program that is linked with the library arms it by itself. For any other program, which gets it by
 * LD_PRELOAD, the environment variable INJECT_FD names a descriptor of a file that holds the struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INJECT_FD     "TLSFO_INJECT_FD"
#define INJECT_ERRORS 8

/* Whose calls. */
enum inject_caller {
	INJECT_TLSFO = 0, /* the library, and the command */
	INJECT_GNUTLS,
	INJECT_NOBODY /* of interest */
};

struct inject_function {
	const char *name;
	int errors
		[INJECT_ERRORS]; /* the values of errno, or what else it returns; the last ones are 0 */
	bool memory;		 /* it allocates: GnuTLS's calls may fail too */
};

/* Ends with a function without a name. */
extern const struct inject_function inject_functions[];

/* Shared with the processes that are forked, so that one may ask and the other tell. */
struct inject {
	/* Asked for. */
	int32_t armed;	  /* the process whose calls are counted and fail; 0: none */
	int32_t function; /* index */
	int32_t caller;	  /* enum inject_caller */
	int32_t error;
	uint32_t number; /* of the first call that fails, from 1; 0: none */
	int32_t forever; /* all later calls fail too */
	/* Told. */
	uint32_t calls;	 /* of the function by the caller */
	uint32_t failed; /* of these */
};

struct inject *inject_control(void);

/* Forgets all memory that it knows, and notes from now on what is allocated. */
void inject_watch_memory(void);

/*
 * How many pieces of memory were allocated since and not freed, without those that the C library or others
 * than tlsfo and GnuTLS asked for, and, if @tlsfo_only, without GnuTLS's. The sites of the first ones are
 * written to @ret_text.
 */
size_t inject_left_memory(bool tlsfo_only, char *ret_text, size_t size);

#endif
