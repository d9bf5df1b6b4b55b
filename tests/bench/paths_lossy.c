/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Paths that lose packets. Every connection has to succeed before its deadline, and to carry its first
 * data exactly once: the server tells which requests reached it, and from which port.
 */

#include "paths.h"

#include <stdlib.h>
#include <tlsfo/report.h>

#include "paths_crowd.h"
#include "paths_log.h"

enum { AT_ONCE = 25, IDLE_MS = 20, IDLE_MOST_MS = 5000 };

static const struct loss {
	const char *path;
	const char *host;
	double probability;
} losses[] = {
	{"loss 1 %", "server6.test", 0.01},
	{"loss 5 %", "server4.test", 0.05},
	{"loss 10 %", "server.test", 0.1},
};

static const struct kind {
	const char *name;
	const char *visit;
	bool marked;
	bool early;
} kinds[] = {
	{"ordinary", "first data, not marked", false, false},
	{"safe", "first data marked safe", true, false},
	{"early", "cookie, ticket, early data", true, true},
};

/* What may be wrong with visits of one kind on one path. */
struct findings {
	long of;
	long failed;
	long not_once;	/* on the surviving session */
	long repeated;	/* over all sessions, though it was not marked */
	long not_early; /* neither the answer nor the wire knows of early data */
};

static void add(struct paths *paths, const struct loss *loss, const struct kind *kind, long of,
	const char *what, long wrong)
{
	struct paths_count count = {.what = what, .of = of, .wrong = wrong};

	snprintf(count.path, sizeof(count.path), "%s", loss->path);
	snprintf(count.visit, sizeof(count.visit), "%s", kind->visit);
	paths_add_count(paths, &count);
}

static bool is_early(const struct crowd_visit *visit)
{
	return visit->reconnected != TLSFO_RECONNECT_NONE ||
	       visit->early_data == TLSFO_EARLY_DATA_ACCEPTED ||
	       visit->early_data == TLSFO_EARLY_DATA_REJECTED;
}

static bool is_once(const char *directory, const struct crowd_visit *visit)
{
	char first[16];
	char second[32];

	snprintf(first, sizeof(first), "%u", visit->number);
	snprintf(second, sizeof(second), "%u.end", visit->number);
	return visit->responses == 2 && visit->port != 0 &&
	       paths_log_count(directory, first, visit->port) == 1 &&
	       paths_log_count(directory, second, visit->port) == 1;
}

static void judge(const char *directory, const struct crowd_visit *visit, struct findings *findings)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", visit->number);
	findings->failed += visit->code != 0;
	findings->not_once += visit->code == 0 && !is_once(directory, visit);
	findings->repeated += paths_log_count(directory, name, 0) > 1;
	findings->not_early += visit->code == 0 && !is_early(visit);
}

/* Connections whose SYN carried early data. */
static long early_syns(struct lab *lab)
{
	struct lab_early_data early;
	long count = 0;
	int connection;

	for (connection = 0; lab_trace_early_data(lab, connection, &early) == 0; connection++)
		count += early.in_syn > 0;
	return count;
}

static void visit_all(const struct course *course, const struct loss *loss, struct crowd *crowd,
	unsigned int visits, struct findings *findings)
{
	struct crowd_visit *list = calloc(visits, sizeof(*list));
	size_t count;
	size_t i;

	if (!list)
		return;
	(void)lab_wait_idle(course->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	lab_trace_reset(course->lab);
	/* Some number, which is another one for each loss. */
	lab_set_seed(course->lab, (uint64_t)(loss->probability * 1000));
	(void)lab_set_loss(course->lab, loss->probability);
	count = crowd_go(crowd, list, visits);
	(void)lab_set_loss(course->lab, 0);
	(void)lab_wait_idle(course->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	findings->of = (long)visits;
	findings->failed = (long)(visits - count);
	for (i = 0; i < count; i++)
		judge(course->directory, &list[i], findings);
	free(list);
}

static void run_one(struct paths *paths, const struct loss *loss, const struct kind *kind)
{
	struct findings findings = {.of = -1};
	struct course course;
	struct crowd crowd;

	fprintf(stderr, "%s, %s\n", loss->path, kind->visit);
	course_begin(&course, server_find("nginx", "1.3"), PATHS_RTT_MS);
	if (crowd_start(&crowd, &course, kind->name, loss->host, paths->visits, AT_ONCE))
		visit_all(&course, loss, &crowd, paths->visits, &findings);
	if (kind->early && (long)paths->visits - early_syns(course.lab) > findings.not_early)
		findings.not_early = (long)paths->visits - early_syns(course.lab);
	crowd_end(&crowd);
	course_end(&course);

	add(paths, loss, kind, findings.of, "failed", findings.failed);
	add(paths, loss, kind, findings.of, "first data not once on the session",
		findings.not_once);
	if (!kind->marked)
		add(paths, loss, kind, findings.of, "request more than once at the server",
			findings.repeated);
	if (kind->early)
		add(paths, loss, kind, findings.of, "no early data in the SYN", findings.not_early);
}

void paths_lossy(struct paths *paths)
{
	size_t i;
	size_t j;

	if (!paths_want(paths, "loss"))
		return;
	for (i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		for (j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++)
			run_one(paths, &losses[i], &kinds[j]);
	}
}
