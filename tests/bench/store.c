/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * How many pairs of a put and a take a store does in a second on one core: in memory, and in a
 * directory below each of these that is there: $TMPDIR or /tmp, /dev/shm.
 *
 * A ticket has 2000 bytes, about what GnuTLS keeps of a session; eight hosts take turns. Prints a line
 * for each, and exits with 1 when no directory did 10,000 pairs in a second of processor time.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tlsfo/store.h>

#include "store/store.h"

#define PAIRS	  20000
#define HOSTS	  8
#define BLOB_SIZE 2000
#define REQUIRED  10000

static double seconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool run(struct tlsfo_store *store)
{
	static unsigned char blob[BLOB_SIZE];
	int64_t now = (int64_t)time(NULL);
	const struct ticket put = {
		.tls_version = 0x0304,
		.received = now,
		.expires = now + 7200,
		.blob = blob,
		.blob_len = sizeof(blob),
	};

	for (int i = 0; i < PAIRS; i++) {
		char host[32];
		const struct peer peer = {.host = host, .port = 443, .verified = host};
		struct ticket taken;

		snprintf(host, sizeof(host), "host-%d.example.org", i % HOSTS);
		if (store_put(store, &peer, &put, now) != 0 ||
			store_take(store, &peer, now, 0, &taken) != 1)
			return false;
		ticket_clear(&taken);
	}
	return true;
}

/* Pairs in a second of processor time, which other programs do not take away. */
static double measure(const char *name, struct tlsfo_store *store)
{
	double wall = seconds(CLOCK_MONOTONIC);
	double processor = seconds(CLOCK_PROCESS_CPUTIME_ID);

	if (!run(store)) {
		printf("%-24s failed\n", name);
		return 0;
	}
	wall = seconds(CLOCK_MONOTONIC) - wall;
	processor = seconds(CLOCK_PROCESS_CPUTIME_ID) - processor;
	printf("%-24s %8.0f pairs a second of processor time, %8.0f by the clock\n", name,
		PAIRS / processor, PAIRS / wall);
	return PAIRS / processor;
}

/* What is made below @parent: the store, and what is in it. */
static void remove_store(const char *path)
{
	static const char *const parts[] = {"/tlsfo-1/key", "/tlsfo-1/tickets", "/tlsfo-1", ""};
	char part[4200];

	for (int i = 0; i < 16; i++) {
		snprintf(part, sizeof(part), "%s/tlsfo-1/tickets/%x", path, (unsigned int)i);
		remove(part);
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(part, sizeof(part), "%s%s", path, parts[i]);
		remove(part);
	}
}

/* 0 where there is no such directory, or none to write to. */
static double measure_directory(const char *parent)
{
	char path[4096];
	struct tlsfo_store *store = NULL;
	double result = 0;

	snprintf(path, sizeof(path), "%s/tlsfo-bench-XXXXXX", parent);
	if (mkdtemp(path) == NULL) {
		printf("%-24s cannot be written\n", parent);
		return 0;
	}
	if (tlsfo_store_open(path, NULL, 0, &store) != 0)
		printf("%s\n", tlsfo_store_error(store));
	else
		result = measure(parent, store);
	if (result > 0 && tlsfo_store_clear(store) < 0)
		result = 0;
	tlsfo_store_free(store);
	remove_store(path);
	return result;
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	struct tlsfo_store *store = NULL;

	if (tlsfo_store_new(&store) != 0)
		return 1;
	measure("memory", store);
	tlsfo_store_free(store);
	double best = measure_directory(tmp != NULL ? tmp : "/tmp");
	double shm = measure_directory("/dev/shm");

	if (shm > best)
		best = shm;
	printf("required in a directory  %8d\n", REQUIRED);
	return best >= REQUIRED ? 0 : 1;
}
