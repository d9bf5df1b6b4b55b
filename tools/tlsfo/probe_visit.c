/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe_visit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

#include "configure.h"
#include "cookies.h"
#include "failure.h"

static size_t attempts(const struct probe_visit *visit)
{
	size_t count = visit->report.attempt_count;

	return count < TLSFO_ATTEMPTS_MAX ? count : TLSFO_ATTEMPTS_MAX;
}

static int judge_later(const struct probe_visit *visit)
{
	if (visit->words.end == TLSFO_E_PATH_SWALLOWS)
		return 0;
	if (visit->report.fast_open != TLSFO_FAST_OPEN_ACKNOWLEDGED)
		return -1;
	/* The server answered our goodbye, or at least acknowledged it. */
	if (visit->words.end == 0 || visit->words.end == GNUTLS_E_PREMATURE_TERMINATION)
		return 1;
	return visit->words.arrived ? 1 : -1;
}

static void see_it_end(struct tlsfo_conn *conn, struct probe_visit *visit)
{
	visit->false_start = (gnutls_session_get_flags(tlsfo_conn_session(conn)) &
				     GNUTLS_SFLAGS_FALSE_START) != 0;
	last_words(conn, visit->report.rtt_us, &visit->words);
	visit->later_acknowledged = judge_later(visit);
}

static void note_failure(struct probe_visit *visit, const struct tlsfo_conn *conn, int code)
{
	visit->result = code;
	(void)snprintf(visit->error, sizeof(visit->error), "%s",
		conn ? words_for(conn, code) : tlsfo_strerror(code));
}

static int64_t cpu_now_us(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void probe_visit_make(struct tlsfo_config *config, const struct connect_options *options,
	const char *port, struct probe_visit *ret_visit)
{
	struct tlsfo_conn *conn = NULL;
	int64_t cpu_us = cpu_now_us();
	int ret = make_conn(config, options, port, &conn);

	if (ret == 0)
		ret = tlsfo_conn_open(conn, tlsfo_deadline_in(options->timeout_ms));
	*ret_visit = (struct probe_visit){
		.made = true,
		.report = TLSFO_REPORT_INIT,
		.cpu_us = cpu_now_us() - cpu_us,
		.later_acknowledged = -1,
	};
	if (ret < 0)
		note_failure(ret_visit, conn, ret);
	if (conn && tlsfo_conn_get_report(conn, &ret_visit->report) < 0)
		ret_visit->report.attempt_count = 0;
	if (ret == 0)
		see_it_end(conn, ret_visit);
	if (last_words_refuse(&ret_visit->words))
		note_failure(ret_visit, conn, ret_visit->words.end);
	tlsfo_conn_free(conn);
}

bool probe_visit_succeeded(const struct probe_visit *visit)
{
	return visit->made && visit->result == 0;
}

const struct tlsfo_attempt *probe_visit_winner(const struct probe_visit *visit)
{
	for (size_t i = attempts(visit); i > 0; i--)
		if (visit->report.attempts[i - 1].result == TLSFO_ATTEMPT_WON)
			return &visit->report.attempts[i - 1];
	return NULL;
}

int64_t probe_visit_lost_us(const struct probe_visit *visit)
{
	const struct tlsfo_attempt *winner = probe_visit_winner(visit);

	if (!winner || winner->start_us < 0 || visit->report.attempts[0].start_us < 0)
		return -1;
	return winner->start_us - visit->report.attempts[0].start_us;
}

int64_t probe_visit_ready_us(const struct probe_visit *visit)
{
	if (!probe_visit_succeeded(visit) || attempts(visit) == 0 ||
		visit->report.attempts[0].start_us < 0 || visit->report.handshake_us < 0)
		return -1;
	return visit->report.handshake_us - visit->report.attempts[0].start_us;
}

int64_t probe_visit_answer_us(const struct probe_visit *visit)
{
	const struct tlsfo_report *report = &visit->report;

	if (!probe_visit_succeeded(visit) || report->fast_open == TLSFO_FAST_OPEN_ACKNOWLEDGED ||
		report->connected_us < 0 || report->first_byte_us < report->connected_us)
		return -1;
	return report->first_byte_us - report->connected_us;
}

bool probe_visit_lost_syn(const struct probe_visit *visit)
{
	const struct tlsfo_attempt *winner = probe_visit_winner(visit);
	int64_t answer_us = probe_visit_answer_us(visit);

	if (!winner || answer_us < 0 || winner->mode != TLSFO_MODE_PLAIN)
		return false;
	/* The kernel's round-trip time has the lost second in it. */
	if (winner->connected_us - winner->start_us > SYN_AGAIN_US + answer_us)
		return true;
	/* Another attempt at the same address was tried before this one because that was silent. */
	for (const struct tlsfo_attempt *at = visit->report.attempts; at < winner; at++)
		if (at->mode == TLSFO_MODE_PLAIN && at->result == TLSFO_ATTEMPT_LOST &&
			strcmp(at->address, winner->address) == 0)
			return true;
	return false;
}
