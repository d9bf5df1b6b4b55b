/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loss.h"

#include <stdlib.h>

void loss_at_every_rate(struct path *path, loss_fact fact)
{
	path->host = "server6.test";
	fact(path, 0.01, 1);
	path->host = "server4.test";
	fact(path, 0.05, 2);
	path->host = "server.test";
	fact(path, 0.1, 3);
}

size_t loss_visits(size_t standard)
{
	const char *wanted = getenv("TLSFO_TEST_LOSSY_VISITS");
	size_t count = wanted != NULL ? strtoul(wanted, NULL, 10) : standard;

	return count > 0 ? count : standard;
}
