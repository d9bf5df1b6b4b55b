/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_EARLY_INPUT_H
#define TLSFO_COMMAND_EARLY_INPUT_H

#include <stdbool.h>
#include <stddef.h>

/* The most that is read ahead: what servers commonly allow, and one TLS record. */
#define EARLY_INPUT_MAX ((size_t)16 * 1024)

/* The beginning of standard input, read before connecting. */
struct early_input {
	size_t len;
	bool ended; /* it is all of it: a terminal tells its end but once */
	unsigned char data[EARLY_INPUT_MAX];
};

/* Waits for the end of input or for as much as fits, whichever comes first. Returns 0 or an errno. */
int early_input_read(int fd, struct early_input *ret_input);

#endif
