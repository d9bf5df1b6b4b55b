/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_STORE_OPTIONS_H
#define TLSFO_COMMAND_STORE_OPTIONS_H

#include <stdbool.h>

#include "values.h"

/* What a command line asks for. */
enum store_wish {
	STORE_LIST,
	STORE_FORGET,
	STORE_CLEAR,
	STORE_HELP,
	STORE_VERSION,
	STORE_WRONG /* see error */
};

/* The arguments of "tlsfo store". Strings are those of argv; NULL is not given. */
struct store_options {
	const char *store;
	bool json;
	const char *host;  /* to forget */
	unsigned int port; /* 0 is all */

	char error[VALUES_ERROR_SIZE]; /* names what is wrong */
};

/* Parses argv, whose first element is the subcommand's name; fills all of @options. */
enum store_wish store_options_parse(struct store_options *options, int argc, char **argv);

/* The help text of "tlsfo store". */
extern const char store_help[];

#endif
