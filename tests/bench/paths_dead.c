/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A name whose first address is dead, and the cookie of the other one cached or not. The second visit
 * goes to the address that answered.
 */

#include "paths_visit.h"

static const struct dead {
	const char *path;
	const char *host;
} deads[] = {
	{"dead IPv6, live IPv4", "dead6.test"},
	{"dead IPv4, live IPv4", "dead4first.test"},
};

struct manner {
	bool cookie;
	bool early;
};

static void visit_again(
	struct paths *paths, struct visitor *visitor, struct visit_step *step, bool early)
{
	step->visit = early ? "second, early data" : "second";
	step->data = early ? "safe" : "ordinary";
	step->limit = (struct paths_limit){0, early ? 1.1 : 2.1};
	step->syn = early ? VISIT_EARLY : VISIT_OPENS;
	visit_take(paths, visitor, step);
}

static void run_one(
	struct paths *paths, const struct dead *dead, unsigned int run, struct manner manner)
{
	struct visit_step step = {
		.path = dead->path,
		.visit = manner.cookie ? "first, cookie known" : "first, no cookie",
		.host = dead->host,
		.data = "ordinary",
		.limit = {250, 3.2},
		.syn = manner.cookie ? VISIT_KNOWS : VISIT_ASKS,
		.run = run,
	};
	struct visitor visitor;
	struct visitor stranger;
	struct course course;

	course_begin(&course, server_find("nginx", "1.3"), PATHS_RTT_MS);
	if (manner.cookie) {
		visitor_start(&stranger, &course, "elsewhere", "auto");
		visit_pass(&stranger, "server4.test");
		visitor_end(&stranger);
	}
	visitor_start(&visitor, &course, "store", "auto");
	visit_take(paths, &visitor, &step);
	visit_again(paths, &visitor, &step, manner.early);
	visitor_end(&visitor);
	course_end(&course);
}

void paths_dead(struct paths *paths)
{
	unsigned int run;
	unsigned int manner;
	size_t i;

	if (!paths_want(paths, "dead"))
		return;
	for (i = 0; i < sizeof(deads) / sizeof(deads[0]); i++) {
		fprintf(stderr, "%s\n", deads[i].path);
		for (run = 1; run <= paths->runs; run++) {
			for (manner = 0; manner < 4; manner++)
				run_one(paths, &deads[i], run,
					(struct manner){manner % 2 != 0, manner / 2 != 0});
		}
	}
}
