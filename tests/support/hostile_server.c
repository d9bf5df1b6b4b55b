/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The malicious server alone, to try any client with: hostile-server BEHAVIOUR. It prints its port on
 * 127.0.0.1 and serves until it is ended. Without an argument it lists the behaviours.
 */

#include <unistd.h>

#include "support/hostile.h"
#include "support/suite.h"

int main(int argc, char **argv)
{
	struct peer peer;

	if (argc != 2) {
		for (size_t i = 0; hostile_name(i) != NULL; i++)
			puts(hostile_name(i));
		return argc == 1 ? 0 : 2;
	}
	hostile_start(&peer, argv[1]);
	printf("%u\n", peer.port);
	fflush(stdout);
	pause();
	return 0;
}
