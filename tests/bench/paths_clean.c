/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Clean paths, near and far, where no visit may start a second attempt. SYNs are counted on the wire;
 * where the wire itself was late, what it saw has to excuse one.
 */

#include "paths.h"

#include <stdlib.h>

#include "paths_crowd.h"

enum { AT_ONCE = 10, IDLE_MS = 20, IDLE_MOST_MS = 5000 };

#define MS_NS UINT64_C(1000000)

static const double first_ms[] = {1, 10, 50, 100, 150, 200};
static const double later_ms[] = {1, 10, 50, 100, 200, 300, 400};

enum {
	FIRSTS = sizeof(first_ms) / sizeof(first_ms[0]),
	LATERS = sizeof(later_ms) / sizeof(later_ms[0])
};

/* How long an attempt is waited for: until its SYN-ACK, and from there until the server speaks. */
struct patience {
	uint64_t delay_ns;
	uint64_t grace_ns;
};

static struct patience patience_of(double rtt_ms, bool again)
{
	const uint64_t twice_ns = (uint64_t)(2 * rtt_ms) * MS_NS;
	struct patience patience = {250 * MS_NS, 250 * MS_NS};

	if (again)
		patience.delay_ns = twice_ns > 50 * MS_NS ? twice_ns : 50 * MS_NS;
	if (twice_ns > patience.grace_ns)
		patience.grace_ns = twice_ns;
	return patience;
}

/* When the server's first packet of the connection arrived, or its first data; 0: never. */
static uint64_t arrived_ns(struct lab *lab, const struct lab_packet *syn, bool data)
{
	struct lab_packet packet;
	uint64_t first = 0;
	size_t i;

	for (i = syn->index; lab_trace_packet(lab, i, &packet) == 0; i++) {
		if (packet.connection != syn->connection || packet.from != LAB_SERVER ||
			packet.arrived_ns == 0 || (data && packet.payload_length == 0))
			continue;
		if (first == 0 || packet.arrived_ns < first)
			first = packet.arrived_ns;
	}
	return first;
}

/* Was this awaited in vain from @begun_ns, when another SYN left at @when_ns? */
static bool is_overdue(uint64_t begun_ns, uint64_t patience_ns, uint64_t came_ns, uint64_t when_ns)
{
	/* The wire may notice a packet later than it was sent, but not before: what seems to be a shorter
	 * wait may have begun before the wire knew. */
	const uint64_t slack_ns = 3 * MS_NS;
	const uint64_t noticed_ns = patience_ns / 5;

	if (begun_ns == 0 || begun_ns + patience_ns > when_ns + noticed_ns)
		return false;
	return came_ns == 0 || came_ns + slack_ns > when_ns;
}

static bool one_was_late(struct lab *lab, const struct patience *patience, uint64_t when_ns)
{
	struct lab_packet syn;
	size_t i;

	for (i = 0; lab_trace_syn(lab, i, &syn) == 0 && syn.sent_ns < when_ns; i++) {
		uint64_t answered_ns = arrived_ns(lab, &syn, false);

		if (is_overdue(syn.sent_ns, patience->delay_ns, answered_ns, when_ns))
			return true;
		if (syn.payload_length > 0 && is_overdue(answered_ns, patience->grace_ns,
						      arrived_ns(lab, &syn, true), when_ns))
			return true;
	}
	return false;
}

/* Visits come with the option; an attempt beside one comes without. */
static void count_syns(struct lab *lab, const struct patience *patience, struct paths_count *count)
{
	struct lab_packet syn;
	size_t i;

	count->wrong = (long)lab_trace_syns(lab) - count->of;
	for (i = 0; lab_trace_syn(lab, i, &syn) == 0; i++) {
		if (syn.fastopen_kind == 0)
			count->excused += one_was_late(lab, patience, syn.sent_ns);
	}
}

/* First visits carry nothing in their SYNs, later ones do; otherwise they were something else. */
static bool is_meant(struct lab *lab, bool again, unsigned int visits)
{
	struct lab_packet syn;
	unsigned int carried = 0;
	size_t i;

	for (i = 0; lab_trace_syn(lab, i, &syn) == 0; i++)
		carried += syn.payload_length > 0;
	return carried == (again ? visits : 0);
}

static void visit_all(struct lab *lab, struct crowd *crowd, bool again, unsigned int visits,
	struct paths_count *count)
{
	const struct patience patience = patience_of(lab_rtt(lab), again);
	struct crowd_visit *list = calloc(visits, sizeof(*list));
	size_t made;
	size_t i;

	if (!list)
		return;
	(void)lab_wait_idle(lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	lab_trace_reset(lab);
	made = crowd_go(crowd, list, visits);
	for (i = 0; i < made && list[i].code == 0; i++)
		;
	if (made == visits && i == made && is_meant(lab, again, visits)) {
		count->of = (long)visits;
		count_syns(lab, &patience, count);
	}
	free(list);
}

static void run_one(struct paths *paths, double rtt_ms, bool again)
{
	struct paths_count count = {.what = "second attempt", .of = -1};
	struct course course;
	struct crowd crowd;

	snprintf(count.path, sizeof(count.path), "clean, %g ms", rtt_ms);
	snprintf(count.visit, sizeof(count.visit), "%s", again ? "later visits" : "first visits");
	fprintf(stderr, "%s, %s\n", count.path, count.visit);
	course_begin(&course, server_find("nginx", "1.3"), rtt_ms);
	/* A server that gives no cookie: every visit is a first one. */
	if (!again)
		(void)lab_set_fastopen(course.lab, LAB_SERVER, 0);
	if (crowd_start(&crowd, &course, again ? "again" : "ordinary", "server.test", paths->visits,
		    AT_ONCE))
		visit_all(course.lab, &crowd, again, paths->visits, &count);
	crowd_end(&crowd);
	course_end(&course);
	paths_add_count(paths, &count);
}

void paths_clean(struct paths *paths)
{
	size_t i;

	if (!paths_want(paths, "clean"))
		return;
	for (i = 0; i < FIRSTS; i++)
		run_one(paths, first_ms[i], false);
	for (i = 0; i < LATERS; i++)
		run_one(paths, later_ms[i], true);
}
