/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "paths_visit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IDLE_MS = 5, IDLE_MOST_MS = 3000, END_MS = 3000, LINE = 256, DIRECTORY = 128 };

const char *visit_host(unsigned int run)
{
	static const char *const hosts[] = {"server.test", "server4.test", "server6.test"};

	return hosts[(run + 2) % 3];
}

/* ------------------------------------------------------------------------- their processes -- */

static int spawn(struct visitor *visitor, const char *const *argv, int input, int output)
{
	int errors = getenv("TLSFO_BENCH_VERBOSE") ? STDERR_FILENO : -1;

	return lab_spawn(visitor->lab, LAB_CLIENT, argv, input, output, errors, &visitor->pid);
}

void visitor_start(
	struct visitor *visitor, const struct course *course, const char *store, const char *mode)
{
	char directory[DIRECTORY];
	char port[16];
	const char *const argv[] = {
		BENCH_DIR "/bench-paths-visitor", mode, CERTS_DIR "/ca.pem", directory, port, NULL};
	int to[2];
	int from[2];

	*visitor = (struct visitor){.lab = course->lab};
	snprintf(directory, sizeof(directory), "%s/%s", course->directory, store);
	snprintf(port, sizeof(port), "%d", SERVER_PORT);
	if (course->error < 0 || pipe2(to, O_CLOEXEC) < 0)
		return;
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		return;
	}
	bool started = spawn(visitor, argv, to[0], from[1]) == 0;
	close(to[0]);
	close(from[1]);
	visitor->to = fdopen(to[1], "w");
	visitor->from = fdopen(from[0], "r");
	if (!started)
		visitor_end(visitor);
}

void visitor_end(struct visitor *visitor)
{
	if (visitor->to)
		fclose(visitor->to);
	if (visitor->from)
		fclose(visitor->from);
	/* The end of its input ends it. */
	if (visitor->pid > 0) {
		(void)lab_wait(visitor->lab, visitor->pid, lab_deadline(END_MS), NULL);
		lab_stop(visitor->lab, visitor->pid);
	}
	*visitor = (struct visitor){.lab = visitor->lab};
}

bool visitor_ask(struct visitor *visitor, const char *host, const char *data, const char *name,
	struct visitor_answer *ret_answer)
{
	struct visitor_answer answer = {0};
	char line[LINE];

	if (!visitor->to || !visitor->from)
		return false;
	(void)lab_wait_idle(visitor->lab, IDLE_MS, lab_deadline(IDLE_MOST_MS));
	lab_trace_reset(visitor->lab);
	fprintf(visitor->to, "%s %s %s\n", host, data, name);
	/* It has deadlines of its own. */
	if (fflush(visitor->to) == EOF || !fgets(line, sizeof(line), visitor->from))
		return false;
	if (sscanf(line, "%d %u %" SCNu64 " %d %d %d %d", &answer.code, &answer.responses,
		    &answer.ended_ns, &answer.fast_open, &answer.reason, &answer.reconnected,
		    &answer.early_data) != 7)
		return false;
	*ret_answer = answer;
	return true;
}

void visit_pass(struct visitor *visitor, const char *host)
{
	struct visitor_answer answer;

	(void)visitor_ask(visitor, host, "ordinary", "before", &answer);
}

/* ------------------------------------------------------------------------ what the wire says -- */

static bool is_opened(struct lab *lab, bool early)
{
	struct lab_early_data data;
	struct lab_packet syn;

	if (lab_trace_syns(lab) != 1 || lab_trace_syn(lab, 0, &syn) != 0)
		return false;
	if (syn.payload_length == 0 ||
		lab_trace_syn_acked(lab, syn.connection) != (ssize_t)syn.payload_length)
		return false;
	if (!early)
		return true;
	return lab_trace_early_data(lab, syn.connection, &data) == 0 && data.accepted &&
	       data.sent > 0 && data.in_syn == data.sent;
}

static bool any_data(struct lab *lab)
{
	struct lab_packet syn;
	size_t i;

	for (i = 0; lab_trace_syn(lab, i, &syn) == 0; i++) {
		if (syn.payload_length > 0)
			return true;
	}
	return false;
}

static bool any_cookie(struct lab *lab)
{
	struct lab_packet syn;
	size_t i;

	for (i = 0; lab_trace_syn(lab, i, &syn) == 0; i++) {
		if (syn.cookie_length > 0)
			return true;
	}
	return false;
}

static bool is_plain(struct lab *lab, const struct lab_packet *syn)
{
	return lab_trace_syns(lab) == 1 && syn->fastopen_kind == 0 && syn->payload_length == 0;
}

const char *visit_judge_syns(struct lab *lab, enum visit_syn syn)
{
	struct lab_packet first;

	if (lab_trace_syn(lab, 0, &first) != 0)
		return "no-syn";
	switch (syn) {
	case VISIT_CARRIES:
		return any_data(lab) ? "ok" : "no-data-in-syn";
	case VISIT_KNOWS:
		return any_cookie(lab) ? "ok" : "no-cookie";
	case VISIT_ASKS:
		return !any_cookie(lab) && first.fastopen_kind != 0 ? "ok" : "not-asked";
	case VISIT_PLAIN:
		return is_plain(lab, &first) ? "ok" : "not-plain";
	case VISIT_OPENS:
		return is_opened(lab, false) ? "ok" : "not-fast";
	case VISIT_EARLY:
		return is_opened(lab, true) ? "ok" : "no-early-data";
	}
	return "unknown";
}

double visit_response_ms(struct lab *lab)
{
	struct lab_moment moment;

	if (lab_trace_first_response(lab, LAB_ALL, LAB_RESPONSE_RECORD, &moment) != 0)
		return (double)NAN;
	return (double)moment.ns / 1e6;
}

/* ------------------------------------------------------------------------------ their times -- */

void visit_note(struct paths *paths, const struct visit_step *step, const char *outcome, double ms)
{
	struct paths_time time = {.run = step->run, .limit = step->limit, .ms = (double)NAN};
	bool good = strcmp(outcome, "ok") == 0;

	snprintf(time.path, sizeof(time.path), "%s", step->path);
	snprintf(time.visit, sizeof(time.visit), "%s", step->visit);
	snprintf(time.outcome, sizeof(time.outcome), "%s",
		good && isnan(ms) ? "no-response" : outcome);
	if (good)
		time.ms = ms;
	paths_add_time(paths, &time);
}

void visit_take(struct paths *paths, struct visitor *visitor, const struct visit_step *step)
{
	struct visitor_answer answer;

	if (!visitor || !visitor_ask(visitor, step->host, step->data, "visit", &answer)) {
		visit_note(paths, step, "missing", (double)NAN);
		return;
	}
	if (answer.code != 0 || answer.responses != 1) {
		visit_note(paths, step, "failed", (double)NAN);
		return;
	}
	visit_note(paths, step, visit_judge_syns(visitor->lab, step->syn),
		visit_response_ms(visitor->lab));
}
