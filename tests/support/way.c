/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/way.h"

#include <sys/socket.h>

#include <tlsfo/transport.h>

#define WAYS_MAX 16
#define ROWS_MAX 16
#define NAME_MAX 128

static bool excluded(unsigned int only, unsigned int one, unsigned int other, bool is_one)
{
	if ((only & (one | other)) == 0)
		return false;
	return (only & (is_one ? one : other)) == 0;
}

static bool wanted(const struct way *way, bool tls12, unsigned int only)
{
	return !excluded(only, WAY_IPV4, WAY_IPV6, way->family == AF_INET) &&
	       !excluded(only, WAY_ONLY_TLS12, WAY_ONLY_TLS13, tls12) &&
	       !excluded(only, WAY_SOCKET, WAY_GNUTLS, way->engine == TLSFO_TRANSPORT_SOCKET) &&
	       !excluded(only, WAY_BLOCKING, WAY_NONBLOCKING, way->blocking);
}

/* Adds the ways that the fact is to be run in. Returns their number. */
static size_t add_ways(const struct way_fact *fact, CMUnitTestFunction test, const void *row,
	struct way *ways, char (*names)[NAME_MAX], struct CMUnitTest *tests)
{
	size_t count = 0;

	for (unsigned int bits = 0; bits < WAYS_MAX; bits++) {
		bool tls12 = (bits & 4) != 0;
		struct way *way = &ways[count];

		*way = (struct way){
			.family = (bits & 8) != 0 ? AF_INET6 : AF_INET,
			.priority = tls12 ? WAY_TLS12 : WAY_TLS13,
			.engine = (bits & 2) != 0 ? TLSFO_TRANSPORT_GNUTLS : TLSFO_TRANSPORT_SOCKET,
			.blocking = (bits & 1) != 0,
			.row = row,
		};
		if (!wanted(way, tls12, fact->only))
			continue;
		snprintf(names[count], NAME_MAX, "%s: %s, TLS %s, %s engine, %s socket", fact->name,
			way->family == AF_INET ? "IPv4" : "IPv6", tls12 ? "1.2" : "1.3",
			way->engine == TLSFO_TRANSPORT_SOCKET ? "socket" : "GnuTLS",
			way->blocking ? "blocking" : "non-blocking");
		tests[count] = (struct CMUnitTest){
			.name = names[count],
			.test_func = test,
			.initial_state = way,
		};
		count++;
	}
	return count;
}

int way_run_rows(
	const char *group, CMUnitTestFunction test, const void *rows, size_t size, size_t count)
{
	static struct way ways[ROWS_MAX * WAYS_MAX];
	static char names[ROWS_MAX * WAYS_MAX][NAME_MAX];
	static struct CMUnitTest tests[ROWS_MAX * WAYS_MAX];
	size_t added = 0;

	if (count > ROWS_MAX)
		suite_abort("%zu rows are more than %d", count, ROWS_MAX);
	for (size_t i = 0; i < count; i++) {
		const void *row = (const char *)rows + i * size;

		added += add_ways(row, test, row, ways + added, names + added, tests + added);
	}
	return suite_run(group, tests, added);
}

int way_run(const char *fact, CMUnitTestFunction test, unsigned int only)
{
	const struct way_fact row = {fact, only};

	return way_run_rows(fact, test, &row, sizeof(row), 1);
}
