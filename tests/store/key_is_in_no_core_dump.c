/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * While a store is open its key is on a page that core dumps leave out ("dd" in /proc/PID/smaps), and in no other
 * memory of the process that can be written.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fixture.h"

#define PIECE ((size_t)1 << 20)
/* Larger ones are a sanitizer's own. */
#define MAPPING_MOST ((size_t)1 << 28)

/* The program itself has it in memory that cannot be written. */
static const unsigned char key[TLSFO_STORE_KEY_SIZE] = "the key that opens every ticket";

/* How often the key is between two addresses. */
static size_t count(int memory, unsigned long from, unsigned long to)
{
	static unsigned char copy[PIECE];
	size_t found = 0;

	for (; from < to; from += PIECE) {
		size_t len = to - from < PIECE ? to - from : PIECE;
		ssize_t n = pread(memory, copy, len, (off_t)from);

		for (ssize_t i = 0; i + (ssize_t)sizeof(key) <= n; i++)
			found += memcmp(copy + i, key, sizeof(key)) == 0;
		memset(copy, 0, sizeof(copy));
	}
	return found;
}

static void test(void **state)
{
	struct tlsfo_store *store = NULL;
	struct fixture fixture;
	size_t left_out = 0;
	size_t dumped = 0;
	unsigned long range[2] = {0};
	char mode[8] = "";
	char line[512];

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(tlsfo_store_open(fixture.store, key, sizeof(key), &store), 0);
	fixture_put(store, "example.org", 1, fixture_now());
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/smaps", "re");
	assert_true(memory >= 0);
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from;
		unsigned long to;

		/* The line that begins a mapping; the others are about it. */
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3) {
			range[0] = from;
			range[1] = to;
		}
		if (strncmp(line, "VmFlags:", 8) != 0 || mode[1] != 'w' ||
			range[1] - range[0] > MAPPING_MOST)
			continue;
		*(strstr(line, " dd") != NULL ? &left_out : &dumped) +=
			count(memory, range[0], range[1]);
	}
	fclose(maps);
	close(memory);
	assert_int_equal(left_out, 1);
	assert_int_equal(dumped, 0);
	tlsfo_store_free(store);
	fixture_remove(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test)};

	return suite_run_offline("a store's key is in no core dump", tests, suite_length(tests));
}
