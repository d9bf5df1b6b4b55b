/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_CONNECTING_H
#define TLSFO_COMMAND_CONNECTING_H

#include "command.h"
#include "options.h"

/* A subcommand that connects. */
struct connecting {
	const char *name;
	const char *help;
	enum options_wish (*parse)(struct connect_options *options, int argc, char **argv);
	enum command_status (*run)(const struct connect_options *options);
};

/* Does what the arguments ask for: help, the version or the thing itself; or says what is wrong with them. */
enum command_status connecting_run(const struct connecting *connecting, int argc, char **argv);

#endif
