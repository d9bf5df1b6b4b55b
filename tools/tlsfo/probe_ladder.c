/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <string.h>

#include "command.h"

#include <stdarg.h>

/*
 * In the manner of the lab's ladders, of what is known at this end: each line is a packet or a flight,
 * and a time stands where it was seen.
 *
 *      ms    RTT  client                                                  server
 *     0.0   0.00   │─── SYN, cookie, ClientHello 415 ──────────────────────▶│
 */
enum { LANE_WIDTH = 58, LABEL_AT = 3, ROWS_MAX = 2 * TLSFO_ATTEMPTS_MAX + 8 };

#define LINE	 "─"
#define TO_RIGHT "▶"
#define TO_LEFT	 "◀"
#define CROSS	 "✗"
#define LANE	 "│"

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

static void repeat(FILE *file, const char *text, size_t count)
{
	for (; count > 0; count--)
		(void)fputs(text, file);
}

/* Labels are ASCII, so that their bytes are columns. */
static void print_arrow(FILE *file, const struct row *row)
{
	size_t rest = LANE_WIDTH - 1 - LABEL_AT - 2 - strlen(row->label);

	if (row->to_server && row->lost) {
		repeat(file, LINE, LABEL_AT);
		(void)fprintf(file, " %s ", row->label);
		repeat(file, LINE, rest / 2);
		(void)fprintf(file, CROSS "%*s", (int)(rest - rest / 2), "");
		return;
	}
	if (!row->to_server)
		(void)fputs(TO_LEFT, file);
	repeat(file, LINE, row->to_server ? LABEL_AT : rest);
	(void)fprintf(file, " %s ", row->label);
	repeat(file, LINE, row->to_server ? rest : LABEL_AT);
	if (row->to_server)
		(void)fputs(TO_RIGHT, file);
}

static void print_row(FILE *file, const struct row *row, int64_t zero_us, int64_t rtt_us)
{
	double us = (double)(row->us - zero_us);

	if (row->us < 0)
		(void)fprintf(file, "%17s", "");
	else if (rtt_us > 0)
		(void)fprintf(file, "%8.1f %6.2f  ", us / 1000, us / (double)rtt_us);
	else
		(void)fprintf(file, "%8.1f %6s  ", us / 1000, "");
	(void)fputs(LANE, file);
	print_arrow(file, row);
	(void)fputs(LANE "\n", file);
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
	size_t count = visit->report.attempt_count;

	for (size_t i = 0; i < count && i < TLSFO_ATTEMPTS_MAX; i++)
		add_attempt(&ladder, &visit->report.attempts[i]);
	sort(&ladder);
	add_handshake(&ladder, visit);
	(void)fprintf(file, "%8s %6s  %-*s%s\n", "ms", rtt_us > 0 ? "RTT" : "", LANE_WIDTH - 4,
		"client", "server");
	for (size_t i = 0; i < ladder.count; i++)
		print_row(file, &ladder.rows[i], visit->report.attempts[0].start_us, rtt_us);
}
