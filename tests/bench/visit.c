/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "visit.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <unistd.h>

enum { STEP_MS = 50, END_MS = 5000, IDLE_MS = 5, IDLE_MOST_MS = 2000 };

static bool has_response(struct lab *lab, void *argument)
{
	return lab_trace_first_response(lab, LAB_ALL, LAB_RESPONSE_RECORD, argument) == 0;
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
static void wait_for_response(const struct visit *visit, pid_t pid, struct figure *figure)
{
	int64_t deadline = lab_deadline(visit->bound_ms);
	struct lab_moment moment;
	bool ended = false;
	bool found = false;

	figure_word(figure->outcome, "late");
	while (!found && !ended && lab_deadline(0) < deadline) {
		int64_t step = lab_deadline(STEP_MS);

		ended = has_ended(visit->lab, pid);
		found = lab_trace_wait(visit->lab, has_response, &moment,
				step < deadline ? step : deadline) == 0;
	}
	if (found) {
		figure_word(figure->outcome, "ok");
		figure->ms = (double)moment.ns / 1e6;
		figure->round_trips = moment.round_trips;
	} else if (ended) {
		figure_word(figure->outcome, "failed");
	}
}

static void note_syn(struct lab *lab, struct figure *figure)
{
	struct lab_packet syn;

	figure->connections = (unsigned int)lab_trace_connections(lab);
	figure->syn_bytes = lab_trace_syn_payload(lab, 0);
	if (lab_trace_syn(lab, 0, &syn) == 0)
		figure->syn_acked = lab_trace_syn_acked(lab, syn.connection);
	if (figure->syn_bytes < 0)
		figure->syn_bytes = -1;
	if (figure->syn_acked < 0)
		figure->syn_acked = -1;
}

void visit_run(const struct visit *visit, struct figure *figure)
{
	int input;
	pid_t pid;
	int result;

	figure->ms = (double)NAN;
	figure->round_trips = (double)NAN;
	figure->syn_bytes = -1;
	figure->syn_acked = -1;
	figure->connections = 0;

	/* Nothing of an earlier visit may stand in the trace. */
	(void)lab_wait_idle(visit->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	lab_trace_reset(visit->lab);
	result = client_start(
		visit->lab, visit->client, visit->scenario, &visit->target, &pid, &input);
	if (result < 0) {
		figure_word(figure->outcome, result == -ENOENT ? "missing" : "failed");
		return;
	}
	wait_for_response(visit, pid, figure);
	note_syn(visit->lab, figure);
	close(input);
	if (visit->whole)
		(void)lab_wait(visit->lab, pid, lab_deadline(END_MS), NULL);
	lab_stop(visit->lab, pid);
}
