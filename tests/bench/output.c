/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "output.h"

void output_path(char *ret_path, const char *directory, const char *name)
{
	snprintf(ret_path, OUTPUT_PATH_SIZE, "%s/%s", directory, name);
}

FILE *output_create(const char *directory, const char *name)
{
	char path[OUTPUT_PATH_SIZE];
	FILE *file;

	output_path(path, directory, name);
	file = fopen(path, "we");
	if (!file)
		perror(path);
	return file;
}
