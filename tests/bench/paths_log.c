/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths_log.h"

#include <stdio.h>
#include <string.h>

#include "server.h"

enum { LINE = 512, WORD = 256 };

static int is(const char *line, const char *name, unsigned int port)
{
	char asked[WORD];
	unsigned int from;

	if (sscanf(line, "/?%255s %u", asked, &from) != 2)
		return 0;
	return strcmp(asked, name) == 0 && (port == 0 || port == from);
}

long paths_log_count(const char *directory, const char *name, unsigned int port)
{
	char path[LINE];
	char line[LINE];
	long count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, SERVER_LOG);
	file = fopen(path, "re");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		count += is(line, name, port);
	fclose(file);
	return count;
}
