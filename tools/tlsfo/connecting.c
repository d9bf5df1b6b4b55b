/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "connecting.h"

#include <stdio.h>

enum command_status connecting_run(const struct connecting *connecting, int argc, char **argv)
{
	struct connect_options options;

	switch (connecting->parse(&options, argc, argv)) {
	case OPTIONS_HELP:
		return say(connecting->help);
	case OPTIONS_VERSION:
		return say_version();
	case OPTIONS_CONNECT:
		return connecting->run(&options);
	case OPTIONS_WRONG:
		break;
	}
	complain("%s: %s", connecting->name, options.error);
	(void)fprintf(stderr, "Try 'tlsfo %s --help'.\n", connecting->name);
	return STATUS_USAGE;
}
