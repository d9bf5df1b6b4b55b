/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a fuzzer's target over its corpus, and over what comes of each file when it is cut short and when
 * bytes of it are changed; the same each time.
 *
 *	replay DIRECTORY CHANGES
 */

#include <dirent.h>
#include <string.h>

#include "fuzz/target.h"

#define INPUT_MAX ((size_t)1 << 18)

static uint64_t state = 4711;
static int changes; /* of each file; it is cut half as often */

/* xorshift64; the same numbers everywhere. */
static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* A copy of its own size, so that a read past its end is seen. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);

	if (exact == NULL)
		exit(1);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void run_changed(const uint8_t *data, size_t size)
{
	uint8_t *changed = malloc(size);

	if (changed == NULL)
		exit(1);
	for (int i = 0; i < changes; i++) {
		memcpy(changed, data, size);
		for (uint64_t k = draw() % 4 + 1; k > 0; k--)
			changed[draw() % size] = (uint8_t)draw();
		run(changed, size);
	}
	free(changed);
}

static void run_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "re");

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	size_t size = fread(data, 1, sizeof(data), file);

	fclose(file);
	run(data, size);
	/* Long ones in larger steps. */
	for (size_t len = 0; len < size; len += 1 + 2 * size / (size_t)changes)
		run(data, len);
	if (size > 0)
		run_changed(data, size);
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 3 ? opendir(argv[1]) : NULL;
	const struct dirent *entry;
	int count = 0;

	changes = argc == 3 ? atoi(argv[2]) : 0;
	if (dir == NULL || changes <= 0) {
		fprintf(stderr, "usage: replay DIRECTORY CHANGES\n");
		return 2;
	}
	while ((entry = readdir(dir)) != NULL) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		run_file(path);
		count++;
	}
	closedir(dir);
	printf("%d files, each as it is, cut short and changed\n", count);
	return count > 0 ? 0 : 1;
}
