/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe_system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_BIT 0x1

/* The number that @text begins with, or -1. */
static int64_t number(const char *text)
{
	char *end = NULL;
	long long value = 0;

	errno = 0;
	value = strtoll(text, &end, 0);
	return end == text || errno != 0 || value < 0 ? -1 : (int64_t)value;
}

static int64_t read_sysctl(const char *path)
{
	char line[64] = "";
	FILE *file = fopen(path, "re");
	int64_t value = -1;

	if (!file)
		return -1;
	if (fgets(line, sizeof(line), file))
		value = number(line);
	(void)fclose(file);
	return value;
}

/* The word of @line at the place @index, or "". Spoils the line. */
static const char *word_at(char *line, int index)
{
	char *rest = line;
	const char *word = strtok_r(line, " \n", &rest);

	while (word && index-- > 0)
		word = strtok_r(NULL, " \n", &rest);
	return word ? word : "";
}

/* The place of @name among the words of @line, or -1. Spoils the line. */
static int place_of(char *line, const char *name)
{
	char *rest = line;
	int place = 0;

	for (const char *word = strtok_r(line, " \n", &rest); word;
		word = strtok_r(NULL, " \n", &rest), place++)
		if (strcmp(word, name) == 0)
			return place;
	return -1;
}

/* Counters come as two lines, the first with names and the second with numbers (proc(5)). */
static int64_t read_counter(const char *name)
{
	FILE *file = fopen("/proc/net/netstat", "re");
	char *names = NULL;
	char *numbers = NULL;
	size_t names_size = 0;
	size_t numbers_size = 0;
	int64_t value = -1;

	if (!file)
		return -1;
	while (value < 0 && getline(&names, &names_size, file) > 0 &&
		getline(&numbers, &numbers_size, file) > 0) {
		int place = place_of(names, name);

		if (place > 0)
			value = number(word_at(numbers, place));
	}
	free(names);
	free(numbers);
	(void)fclose(file);
	return value;
}

void probe_system_read(struct probe_system *ret_system)
{
	int64_t fastopen = read_sysctl("/proc/sys/net/ipv4/tcp_fastopen");

	*ret_system = (struct probe_system){
		.fastopen = fastopen,
		.client = fastopen < 0 ? -1 : (fastopen & CLIENT_BIT) != 0,
		.blackhole_timeout_s =
			read_sysctl("/proc/sys/net/ipv4/tcp_fastopen_blackhole_timeout_sec"),
		.blackholes = read_counter("TCPFastOpenBlackhole"),
	};
}
