/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "command.h"
#include "ladder_line.h"

/*
 * A ladder of what is known at this end: each line is a packet or a flight, and a time stands where it was
 * seen.
 */
enum { ROWS_MAX = 2 * TLSFO_ATTEMPTS_MAX + 8 };

struct row {
	int64_t us; /* from the start of the connection, or -1 */
	bool to_server;
	bool lost;
	char label[64];
};

struct ladder {
	const struct tlsfo_report *report;
	struct row rows[ROWS_MAX];
	size_t count;
};

static void add(struct ladder *ladder, int64_t us, bool to_server, const char *format, ...)
	COMMAND_PRINTF(4, 5);

static void add(struct ladder *ladder, int64_t us, bool to_server, const char *format, ...)
{
	struct row *row = &ladder->rows[ladder->count];
	va_list arguments;

	if (ladder->count == ROWS_MAX)
		return;
	ladder->count++;
	*row = (struct row){.us = us, .to_server = to_server};
	va_start(arguments, format);
	(void)vsnprintf(row->label, sizeof(row->label), format, arguments);
	va_end(arguments);
}

static void print_row(FILE *file, const struct ladder_frame *frame, const struct row *row,
	int64_t zero_us, int64_t rtt_us)
{
	double us = row->us < 0 ? NAN : (double)(row->us - zero_us);
	const struct ladder_line line = {
		.to_server = row->to_server,
		.way = row->lost ? LADDER_LOST : LADDER_WHOLE,
		.label = row->label,
		.client_ms = us / 1000,
		.client_round_trips = us / (double)rtt_us,
	};

	ladder_print_line(file, frame, &line);
}

static bool has_data(const struct tlsfo_report *report)
{
	return report->syn_bytes > 0;
}

static void add_winning_syn(struct ladder *ladder, const struct tlsfo_attempt *attempt)
{
	const struct tlsfo_report *report = ladder->report;
	long long flight = (long long)report->flight_bytes;

	if (attempt->mode == TLSFO_MODE_PLAIN || report->fast_open == TLSFO_FAST_OPEN_UNAVAILABLE ||
		report->fast_open == TLSFO_FAST_OPEN_OFF)
		add(ladder, attempt->start_us, true, "SYN");
	else if (has_data(report) && report->flight_in_syn == 1)
		add(ladder, attempt->start_us, true, "SYN, cookie, ClientHello %lld", flight);
	else if (has_data(report))
		add(ladder, attempt->start_us, true, "SYN, cookie, ClientHello %lld of %lld",
			(long long)report->syn_bytes, flight);
	else if (report->syn_bytes == 0)
		add(ladder, attempt->start_us, true, "SYN, asks for a cookie");
	else
		add(ladder, attempt->start_us, true, "SYN, with what is not known");
}

static const char *syn_ack_text(const struct tlsfo_report *report)
{
	switch (report->fast_open) {
	case TLSFO_FAST_OPEN_ACKNOWLEDGED:
		return "SYN-ACK, covers the data";
	case TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED:
		return report->reason == TLSFO_REASON_DATA_NOT_ACKNOWLEDGED
			       ? "SYN-ACK, does not cover the data"
			       : "SYN-ACK";
	case TLSFO_FAST_OPEN_COOKIE_REQUESTED:
		return "SYN-ACK, cookie";
	case TLSFO_FAST_OPEN_NO_COOKIE_GIVEN:
		return "SYN-ACK, no cookie";
	default:
		return "SYN-ACK";
	}
}

static void add_attempt(struct ladder *ladder, const struct tlsfo_attempt *attempt)
{
	bool won = attempt->result == TLSFO_ATTEMPT_WON;

	if (attempt->start_us < 0)
		return;
	if (won)
		add_winning_syn(ladder, attempt);
	else
		add(ladder, attempt->start_us, true, "SYN%s%s%.24s",
			attempt->mode == TLSFO_MODE_PLAIN ? "" : ", fast open",
			attempt->error != 0 ? ": " : ": given up",
			attempt->error != 0 ? strerror(attempt->error) : "");
	if (!won && ladder->count > 0)
		ladder->rows[ladder->count - 1].lost = attempt->connected_us < 0;
	if (attempt->connected_us >= 0)
		add(ladder, attempt->connected_us, false, "%s",
			won ? syn_ack_text(ladder->report) : "SYN-ACK, then nothing");
}

/* What follows the SYN-ACK of the attempt that won. */
static void add_handshake(struct ladder *ladder, const struct probe_visit *visit)
{
	const struct tlsfo_report *report = ladder->report;
	bool acknowledged = report->fast_open == TLSFO_FAST_OPEN_ACKNOWLEDGED;
	long long flight = (long long)report->flight_bytes;

	if (acknowledged && report->flight_in_syn == 0)
		add(ladder, report->connected_us, true, "ClientHello, the other %lld",
			flight - (long long)report->syn_bytes);
	else if (!acknowledged && flight >= 0)
		add(ladder, report->connected_us, true, "ClientHello %lld", flight);
	else if (!acknowledged)
		add(ladder, -1, true, "ClientHello, if it was not in the SYN");
	if (report->hello_retried == 1) {
		add(ladder, report->first_byte_us, false, "HelloRetryRequest");
		add(ladder, -1, true, "ClientHello");
		add(ladder, -1, false, "ServerHello and what belongs to it");
	} else {
		add(ladder, report->first_byte_us, false, "ServerHello and what belongs to it");
	}
	if (probe_round_trips(visit) > 0 && report->tls_version &&
		strcmp(report->tls_version, "TLS1.3") != 0 && report->resumed != 1 &&
		!visit->false_start) {
		add(ladder, -1, true, "ClientKeyExchange to Finished");
		add(ladder, report->handshake_us, false, "Finished");
		add(ladder, report->handshake_us, true, "a request could leave here");
	} else {
		add(ladder, report->handshake_us, true, "Finished; a request could leave here");
	}
	if (visit->words.tickets > 0)
		add(ladder, -1, false, "%u ticket%s", visit->words.tickets,
			visit->words.tickets == 1 ? "" : "s");
}

/* Attempts overlap; what happened later stands lower. Rows without a time stay behind theirs. */
static void sort(struct ladder *ladder)
{
	for (size_t i = 1; i < ladder->count; i++) {
		struct row row = ladder->rows[i];
		size_t at = i;

		if (row.us < 0)
			continue;
		while (at > 0 && ladder->rows[at - 1].us > row.us) {
			ladder->rows[at] = ladder->rows[at - 1];
			at--;
		}
		ladder->rows[at] = row;
	}
}

void probe_print_ladder(FILE *file, const struct probe_visit *visit, int64_t rtt_us)
{
	struct ladder ladder = {.report = &visit->report};
	const struct ladder_frame frame = {
		.client_at = 17, .server_at = 75, .round_trips = rtt_us > 0};
	size_t count = visit->report.attempt_count;

	for (size_t i = 0; i < count && i < TLSFO_ATTEMPTS_MAX; i++)
		add_attempt(&ladder, &visit->report.attempts[i]);
	sort(&ladder);
	add_handshake(&ladder, visit);
	ladder_print_heading(file, &frame);
	for (size_t i = 0; i < ladder.count; i++)
		print_row(
			file, &frame, &ladder.rows[i], visit->report.attempts[0].start_us, rtt_us);
}
