/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_VALUES_H
#define TLSFO_COMMAND_VALUES_H

/* What the values of options have in common. Each function that returns false has written which
 * option and value are wrong to @ret_error, which has room for VALUES_ERROR_SIZE bytes. */

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

#define VALUES_ERROR_SIZE 512

/* Where the numbers of long options begin, beyond all letters of short ones. */
#define VALUES_LONG_OPTION 256

/* A value that is one of some words; a list of them ends with NULL. */
struct word {
	const char *text;
	int value;
};

/* Always returns false. */
bool values_wrong(char *ret_error, const char *format, ...) COMMAND_PRINTF(2, 3);

bool values_word(const char *option, const struct word *words, const char *value, int *ret_value,
	char *ret_error);

/* Seconds as decimal digits, with a fraction or without, and more than 0. */
bool values_seconds(const char *option, const char *value, int64_t *ret_ms, char *ret_error);

/* A port number in range, or anything that may be the name of a service. */
bool values_port(const char *port, char *ret_error);

/* What getopt_long() did not like: its @result, '?' or ':', and the argument that it stopped at.
 * Always returns false. */
bool values_wrong_option(int result, const char *word, char *ret_error);

#endif
