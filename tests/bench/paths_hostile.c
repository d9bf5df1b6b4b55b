/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A box that is put into the path after the cookie was fetched: the first visit through it, the next one
 * from the same process, and one from another process with the same store.
 */

#include "paths_visit.h"

static const struct hostile {
	const char *box;
	struct paths_limit unknown; /* nothing is known of the path but the cookie */
	struct paths_limit known;   /* the round-trip time is known, too */
} hostiles[] = {
	{"drop-syn-data", {250, 3.2}, {0, 5.2}},
	{"drop-syn-option", {250, 3.2}, {0, 5.2}},
	{"fake-ack-syn-data", {250, 4.2}, {250, 4.2}},
	{"swallow-server-data", {250, 4.2}, {250, 4.2}},
	/* A round trip more than a plain visit, which is measured beside it. */
	{"rst-syn-data", {0, 4.1}, {0, 4.1}},
};

static void visit_again(struct paths *paths, const struct course *course, struct visitor *same,
	struct visit_step *step)
{
	struct visitor other;

	step->limit = PATHS_PLAIN;
	step->syn = VISIT_PLAIN;
	step->visit = "next, same process";
	visit_take(paths, same, step);
	visitor_start(&other, course, "store", "auto");
	step->visit = "next, another process";
	visit_take(paths, &other, step);
	visitor_end(&other);
}

/* The cookie comes to a process with another store when nothing else is to be known. */
static void fetch_cookie(
	const struct course *course, struct visitor *visitor, const char *host, bool known)
{
	struct visitor stranger;

	if (known) {
		visit_pass(visitor, host);
		return;
	}
	visitor_start(&stranger, course, "elsewhere", "auto");
	visit_pass(&stranger, host);
	visitor_end(&stranger);
}

static void run_box(
	struct paths *paths, const struct hostile *hostile, unsigned int run, bool known)
{
	struct visit_step step = {
		.path = hostile->box,
		.visit = known ? "first, round trip known" : "first, round trip unknown",
		.host = visit_host(run),
		.data = "ordinary",
		.limit = known ? hostile->known : hostile->unknown,
		.syn = VISIT_CARRIES,
		.run = run,
	};
	struct visitor visitor;
	struct course course;

	course_begin(&course, server_find("nginx", "1.3"), PATHS_RTT_MS);
	visitor_start(&visitor, &course, "store", "auto");
	fetch_cookie(&course, &visitor, step.host, known);
	if (lab_add_box(course.lab, hostile->box) < 0)
		visitor_end(&visitor);
	visit_take(paths, &visitor, &step);
	visit_again(paths, &course, &visitor, &step);
	visitor_end(&visitor);
	course_end(&course);
}

/* What the others are compared with. */
static void run_plain(struct paths *paths, unsigned int run)
{
	struct visit_step step = {
		.path = "none",
		.visit = "plain connect",
		.host = visit_host(run),
		.data = "ordinary",
		.limit = PATHS_PLAIN,
		.syn = VISIT_PLAIN,
		.run = run,
	};
	struct visitor visitor;
	struct course course;

	course_begin(&course, server_find("nginx", "1.3"), PATHS_RTT_MS);
	visitor_start(&visitor, &course, "store", "never");
	visit_take(paths, &visitor, &step);
	visitor_end(&visitor);
	course_end(&course);
}

void paths_hostile(struct paths *paths)
{
	unsigned int run;
	size_t i;

	for (run = 1; run <= paths->runs && paths_want(paths, "none"); run++)
		run_plain(paths, run);
	for (i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		if (!paths_want(paths, hostiles[i].box))
			continue;
		fprintf(stderr, "%s\n", hostiles[i].box);
		for (run = 1; run <= paths->runs; run++) {
			run_box(paths, &hostiles[i], run, false);
			run_box(paths, &hostiles[i], run, true);
		}
	}
}
