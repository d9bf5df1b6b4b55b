/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A box that lets SYN data pass and swallows what the client sends after it. First data that is safe to
 * be processed twice is answered on a new plain session; other data gets an error and is never sent
 * again. Whether it reached the server is asked of the server.
 */

#include "paths_visit.h"

#include <math.h>
#include <string.h>

#include "paths_log.h"

enum { LIMIT_MS = 3000, IDLE_MS = 5, IDLE_MOST_MS = 3000 };

static const char box[] = "swallow-after-syn";

/* When the first data was sent that never arrived; 0: there was none. */
static uint64_t first_swallowed_ns(struct lab *lab)
{
	struct lab_packet packet;
	size_t i;

	for (i = 0; lab_trace_packet(lab, i, &packet) == 0; i++) {
		if (packet.dropped_by && strcmp(packet.dropped_by, box) == 0 &&
			packet.payload_length > 0)
			return packet.sent_ns;
	}
	return 0;
}

/* The first connection with data in its SYN, and a second one that knows nothing of fast open. */
static bool is_plain_repetition(struct lab *lab)
{
	struct lab_packet first;
	struct lab_packet last;
	size_t syns = lab_trace_syns(lab);

	return lab_trace_connections(lab) == 2 && lab_trace_syn(lab, 0, &first) == 0 &&
	       first.payload_length > 0 && lab_trace_syn(lab, syns - 1, &last) == 0 &&
	       last.fastopen_kind == 0 && last.payload_length == 0;
}

static void note_safe(struct paths *paths, struct lab *lab, const struct visit_step *step,
	const struct visitor_answer *answer)
{
	const char *outcome = "ok";

	if (answer->code != 0 || answer->responses != 1)
		outcome = "failed";
	else if (!is_plain_repetition(lab))
		outcome = "not-plain-again";
	visit_note(paths, step, outcome, visit_response_ms(lab));
}

static void note_ordinary(struct paths *paths, struct lab *lab, const struct visit_step *step,
	const struct visitor_answer *answer)
{
	uint64_t begun_ns = first_swallowed_ns(lab);
	const char *outcome = "ok";

	if (answer->code != VISITOR_SWALLOWS)
		outcome = "other-end";
	else if (begun_ns == 0)
		outcome = "nothing-swallowed";
	else if (lab_trace_connections(lab) != 1)
		outcome = "connected-again";
	visit_note(paths, step, outcome, ((double)answer->ended_ns - (double)begun_ns) / 1e6);
}

static void note_reached(const struct course *course, bool safe, struct paths_count *count)
{
	long reached;

	(void)lab_wait_idle(course->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	reached = paths_log_count(course->directory, "first", 0);
	count->of++;
	count->wrong += safe ? reached != 1 : reached < 0 || reached > 1;
}

static void first_visit(struct paths *paths, const struct course *course, struct visitor *visitor,
	const struct visit_step *step, struct paths_count *count)
{
	bool safe = strcmp(step->data, "safe") == 0;
	struct visitor_answer answer;

	if (lab_add_box(course->lab, box) < 0 ||
		!visitor_ask(visitor, step->host, step->data, "first", &answer)) {
		visit_note(paths, step, "missing", (double)NAN);
		return;
	}
	if (safe)
		note_safe(paths, course->lab, step, &answer);
	else
		note_ordinary(paths, course->lab, step, &answer);
	note_reached(course, safe, count);
}

static void run_one(
	struct paths *paths, unsigned int run, const char *data, struct paths_count *count)
{
	struct visit_step step = {
		.path = box,
		.visit = count->visit,
		.host = visit_host(run),
		.data = data,
		.limit = {LIMIT_MS, 0},
		.run = run,
	};
	struct visitor visitor;
	struct visitor other;
	struct course course;

	course_begin(&course, server_find("nginx", "1.3"), PATHS_RTT_MS);
	visitor_start(&other, &course, "elsewhere", "auto");
	visit_pass(&other, step.host);
	visitor_end(&other);
	visitor_start(&visitor, &course, "store", "auto");
	first_visit(paths, &course, &visitor, &step, count);

	step.data = "ordinary";
	step.limit = PATHS_PLAIN;
	step.syn = VISIT_PLAIN;
	step.visit = "next, same process";
	visit_take(paths, &visitor, &step);
	visitor_end(&visitor);
	visitor_start(&other, &course, "store", "auto");
	step.visit = "next, another process";
	visit_take(paths, &other, &step);
	visitor_end(&other);
	course_end(&course);
}

void paths_swallow(struct paths *paths)
{
	struct paths_count safe = {.path = "swallow-after-syn",
		.visit = "first data marked safe, to the answer",
		.what = "request not once at the server"};
	struct paths_count ordinary = {.path = "swallow-after-syn",
		.visit = "ordinary data, from its sending to the error",
		.what = "request more than once at the server"};
	unsigned int run;

	if (!paths_want(paths, box))
		return;
	fprintf(stderr, "%s\n", box);
	for (run = 1; run <= paths->runs; run++) {
		run_one(paths, run, "safe", &safe);
		run_one(paths, run, "ordinary", &ordinary);
	}
	paths_add_count(paths, &safe);
	paths_add_count(paths, &ordinary);
}
