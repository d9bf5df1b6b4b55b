/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "visit.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <unistd.h>

enum { STEP_MS = 50, END_MS = 5000, IDLE_MS = 5, IDLE_MOST_MS = 2000, ANSWER_MS = 1000 };

/* What is looked for in the trace, and the moment when it came. */
struct search {
	int connection;
	struct lab_moment moment;
};

static bool has_response(struct lab *lab, void *argument)
{
	struct search *search = argument;

	return lab_trace_first_response(
		       lab, search->connection, LAB_RESPONSE_RECORD, &search->moment) == 0;
}

static bool has_ended(struct lab *lab, pid_t pid)
{
	struct pollfd pfd = {.fd = lab_pidfd(lab, pid), .events = POLLIN};

	return poll(&pfd, 1, 0) == 1;
}

/*
 * A client that ends has what it wanted, or never gets it; the trace is asked once more after its
 * end.
 */
static bool wait_for_response(
	const struct visit *visit, pid_t pid, struct search *search, struct figure *figure)
{
	int64_t deadline = lab_deadline(visit->bound_ms);
	bool ended = false;
	bool found = false;

	while (!found && !ended && lab_deadline(0) < deadline) {
		int64_t step = lab_deadline(STEP_MS);

		ended = has_ended(visit->lab, pid);
		found = lab_trace_wait(visit->lab, has_response, search,
				step < deadline ? step : deadline) == 0;
	}
	if (!found)
		figure_word(figure->outcome, ended ? "failed" : "late");
	return found;
}

/* The first SYN of a connection, or of all. Returns its number among the SYNs, or −1. */
static int first_syn(struct lab *lab, int connection, struct lab_packet *ret_syn)
{
	int i;

	for (i = 0; lab_trace_syn(lab, (size_t)i, ret_syn) == 0; i++) {
		if (connection == LAB_ALL || ret_syn->connection == connection)
			return i;
	}
	return -1;
}

static void note_syn(struct lab *lab, int connection, struct figure *figure)
{
	struct lab_packet syn;
	ssize_t acked;

	figure->connections = (unsigned int)lab_trace_connections(lab);
	if (first_syn(lab, connection, &syn) < 0)
		return;
	figure->syn_bytes = (long)syn.payload_length;
	acked = lab_trace_syn_acked(lab, syn.connection);
	if (acked >= 0)
		figure->syn_acked = (long)acked;
}

static bool has_accepted(struct lab *lab, void *argument)
{
	const struct search *search = argument;
	struct lab_early_data early;

	return lab_trace_early_data(lab, search->moment.connection, &early) == 0 && early.accepted;
}

/*
 * The response may be there before the client has said, by its EndOfEarlyData, that the server took
 * what it sent early.
 */
static bool note_early_data(const struct visit *visit, struct search *search, struct figure *figure)
{
	struct lab_early_data early;

	if (lab_trace_wait(visit->lab, has_accepted, search, lab_deadline(ANSWER_MS)) < 0)
		return false;
	if (lab_trace_early_data(visit->lab, search->moment.connection, &early) < 0)
		return false;
	figure->early_bytes = (long)early.sent;
	figure->early_in_syn = (long)early.in_syn;
	return true;
}

/* A time counts only when the visit was what the scenario says. */
static void note_response(const struct visit *visit, struct search *search, struct figure *figure)
{
	int resumed = lab_trace_resumed(visit->lab, search->moment.connection);

	figure->resumed = resumed >= 0 ? resumed : -1;
	if (visit->scenario >= SCENARIO_TICKET && !visit->fresh && resumed != 1) {
		figure_word(figure->outcome, "full-handshake");
		return;
	}
	if (visit->scenario == SCENARIO_EARLY && !note_early_data(visit, search, figure)) {
		figure_word(figure->outcome, "no-early-data");
		return;
	}
	figure_word(figure->outcome, "ok");
	figure->ms = (double)search->moment.ns / 1e6;
	figure->round_trips = search->moment.round_trips;
}

void visit_run(const struct visit *visit, struct figure *figure)
{
	bool twice = visit->client->ways[visit->scenario].twice;
	struct search search = {.connection = twice ? 1 : LAB_ALL};
	int input;
	pid_t pid;
	int result;

	figure_clear(figure);
	/* Nothing of an earlier visit may stand in the trace. */
	(void)lab_wait_idle(visit->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	lab_trace_reset(visit->lab);
	result = client_start(
		visit->lab, visit->client, visit->scenario, &visit->target, &pid, &input);
	if (result < 0) {
		figure_word(figure->outcome, result == -ENOENT ? "missing" : "failed");
		return;
	}
	if (wait_for_response(visit, pid, &search, figure))
		note_response(visit, &search, figure);
	note_syn(visit->lab, search.connection, figure);
	if (input >= 0)
		close(input);
	if (visit->whole)
		(void)lab_wait(visit->lab, pid, lab_deadline(END_MS), NULL);
	lab_stop(visit->lab, pid);
}
