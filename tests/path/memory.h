/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PATH_MEMORY_H
#define PATH_MEMORY_H

/*
 * Facts about the path memory: visits whose configurations have a store, in this process and in others.
 * The programs link the archive, and its calls of clock_wall_s() come here, so that an hour passes when
 * a test says so. Everything here ends the test when it fails.
 */

#include "path.h"

/* A store in a directory of the test's own for the visits, and tickets are kept too. Removed by
 * memory_end(). */
struct memory_test {
	struct path *path;
	char dir[64];
	struct tlsfo_store *store;
	enum tlsfo_fast_open_mode mode;
};

/* Runs the fact in these ways, in which attempts are raced. */
typedef void (*memory_fact)(struct memory_test *test);
int memory_run(const char *name, memory_fact fact, unsigned int ways);

/* The next visits are made in this mode: a configuration of its own. */
void memory_mode(struct memory_test *test, enum tlsfo_fast_open_mode mode);

/* So many seconds go by, for the store. */
void memory_pass(int64_t seconds);

/* A whole visit; its report. The trace is of this visit. */
struct tlsfo_report memory_visit(struct memory_test *test);

/* The same from another process with the same directory. */
struct tlsfo_report memory_visit_elsewhere(struct memory_test *test);

enum { MEMORY_TOGETHER = 8 };

/* Several visits at once, at most MEMORY_TOGETHER, from processes of their own. Returns how many tried fast open. */
int memory_visit_together(struct memory_test *test, int count);

/* A visit that brings a cookie. */
void memory_fetch_cookie(struct memory_test *test);

/* The visit was plain because of the memory, and cost no more than a plain one does. */
void memory_expect_plain(struct memory_test *test, const struct tlsfo_report *report);

/* The visit carried data in its SYN, which was acknowledged. */
void memory_expect_fast_open(const struct tlsfo_report *report);

/* The visit fell back for this reason. */
void memory_expect_fallback(const struct tlsfo_report *report, enum tlsfo_reason reason);

/* How many entries of this kind there are; the last one's numbers. */
struct memory_entries {
	int count;
	unsigned int failures;
	int64_t rtt_us;
	int probing;
	char address[64];
};
struct memory_entries memory_entries(struct memory_test *test, enum tlsfo_store_kind kind);

#endif
