/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/form.h"

#include <string.h>

#include "base/text.h"
#include "report/names.h"

bool form_arguments_valid(const struct tlsfo_report *report, const char *buf, size_t size)
{
	return report != NULL && report->size == sizeof(*report) && (buf != NULL || size == 0);
}

/* A copy of the report. Its strings that come from elsewhere are fit for a terminal and for one line. */
static struct tlsfo_report printable(const struct tlsfo_report *report)
{
	struct tlsfo_report shown = *report;

	text_make_printable(shown.host);
	text_make_printable(shown.address);
	text_make_printable(shown.alpn);
	text_make_printable(shown.error_text);
	return shown;
}

static void add_peer(struct text *text, const struct tlsfo_report *report)
{
	bool ip6 = strchr(report->address, ':') != NULL;
	bool named = report->host[0] != '\0' && strcmp(report->host, report->address) != 0;

	if (report->address[0] == '\0') {
		text_add(text, "%s", report->host);
		return;
	}
	if (named)
		text_add(text, "%s (", report->host);
	text_add(text, "%s%s%s", ip6 ? "[" : "", report->address, ip6 ? "]" : "");
	if (report->port > 0)
		text_add(text, ":%u", report->port);
	if (named)
		text_add(text, ")");
}

/* "415 of 740 bytes in the SYN", "740 bytes of hello after the handshake" and so on. */
static void add_bytes(struct text *text, const struct tlsfo_report *report)
{
	long long flight = report->flight_bytes;
	long long syn = report->syn_bytes;

	if (syn < 0)
		text_add(text, "an unknown part of the hello in the SYN");
	else if (syn == 0)
		text_add(text, "nothing in the SYN");
	else if (flight < 0)
		text_add(text, "%lld bytes in the SYN", syn);
	else if (syn >= flight)
		text_add(text, "all %lld bytes in the SYN", flight);
	else
		text_add(text, "%lld of %lld bytes in the SYN", syn, flight);
}

static void add_fast_open(struct text *text, const struct tlsfo_report *report)
{
	const char *reason = tlsfo_reason_text(report->reason);

	text_add(text, "fast open %s", tlsfo_fast_open_name(report->fast_open));
	if (reason[0] != '\0')
		text_add(text, " (%s)", reason);
	if (report->fast_open != TLSFO_FAST_OPEN_OFF &&
		report->fast_open != TLSFO_FAST_OPEN_UNAVAILABLE) {
		text_add(text, ", ");
		add_bytes(text, report);
	}
}

static void add_client_cert(struct text *text, const struct tlsfo_report *report)
{
	if (report->client_cert == TLSFO_CLIENT_CERT_SENT)
		text_add(text, ", client certificate sent");
	if (report->client_cert == TLSFO_CLIENT_CERT_NOT_SENT)
		text_add(text, ", client certificate asked for, none sent");
}

int tlsfo_report_line(const struct tlsfo_report *given, char *buf, size_t size)
{
	struct text text;

	if (!form_arguments_valid(given, buf, size))
		return TLSFO_E_INVALID_ARGUMENT;
	const struct tlsfo_report shown = printable(given);
	const struct tlsfo_report *report = &shown;

	text_init(&text, buf, size);
	add_peer(&text, report);
	text_add(&text, ": ");
	if (report->tls_version != NULL)
		text_add(&text, "%s, ", report->tls_version);
	add_fast_open(&text, report);
	/* Early data that was accepted says it. */
	if (report->resumed > 0 && report->early_data != TLSFO_EARLY_DATA_ACCEPTED)
		text_add(&text, ", resumed");
	if (report->early_data != TLSFO_EARLY_DATA_NONE)
		text_add(&text, ", early data %s", early_data_name(report->early_data));
	if (report->early_data_reason != TLSFO_WITHHELD_NOT)
		text_add(&text, " (%s)", withheld_text(report->early_data_reason));
	if (report->reconnected != TLSFO_RECONNECT_NONE)
		text_add(&text, ", connected again (%s)", reconnect_text(report->reconnected));
	if (report->tickets_left == 0)
		text_add(&text, ", no ticket left");
	add_client_cert(&text, report);
	if (report->handshake_us >= 0)
		text_add(&text, ", ready after %.1f ms", (double)report->handshake_us / 1000);
	if (report->error != 0)
		text_add(&text, "; failed: %s", report->error_text);
	return (int)text.len;
}

static void add_time(struct text *text, const char *what, int64_t us)
{
	if (us >= 0)
		text_add(text, "%-12s %.3f ms\n", what, (double)us / 1000);
}

static void add_session(struct text *text, const struct tlsfo_report *report)
{
	if (report->tls_version == NULL)
		return;
	text_add(text, "session      %s, %s, %s", report->tls_version,
		report->tls_cipher != NULL ? report->tls_cipher : "cipher not known yet",
		report->tls_group != NULL ? report->tls_group : "no group");
	if (report->alpn[0] != '\0')
		text_add(text, ", ALPN %s", report->alpn);
	text_add(text, ", %s, %s", report->resumed > 0 ? "resumed" : "full handshake",
		report->verified > 0 ? "certificate verified" : "certificate not verified");
	add_client_cert(text, report);
	text_add(text, "\n");
}

static void add_attempts(struct text *text, const struct tlsfo_report *report)
{
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		const struct tlsfo_attempt *attempt = &report->attempts[i];

		text_add(text, "attempt %-4zu %s, %s: %s", i + 1, attempt->address,
			mode_name(attempt->mode), attempt_result_name(attempt->result));
		if (attempt->error != 0)
			text_add(text, ", %s", strerror(attempt->error));
		text_add(text, "\n");
	}
	if (report->attempt_count > TLSFO_ATTEMPTS_MAX)
		text_add(text, "attempts     %zu in all\n", report->attempt_count);
}

static void add_early_data(struct text *text, const struct tlsfo_report *report)
{
	if (report->early_data != TLSFO_EARLY_DATA_NONE)
		text_add(text, "early data   %s", early_data_name(report->early_data));
	if (report->early_data_reason != TLSFO_WITHHELD_NOT)
		text_add(text, ": %s", withheld_text(report->early_data_reason));
	if (report->early_data != TLSFO_EARLY_DATA_NONE && report->early_data_bytes > 0)
		text_add(text, ", %lld bytes", (long long)report->early_data_bytes);
	if (report->early_data != TLSFO_EARLY_DATA_NONE)
		text_add(text, "\n");
	if (report->reconnected != TLSFO_RECONNECT_NONE)
		text_add(text, "connected    again without early data: %s\n",
			reconnect_text(report->reconnected));
}

int tlsfo_report_text(const struct tlsfo_report *given, char *buf, size_t size)
{
	struct text text;

	if (!form_arguments_valid(given, buf, size))
		return TLSFO_E_INVALID_ARGUMENT;
	const struct tlsfo_report shown = printable(given);
	const struct tlsfo_report *report = &shown;

	text_init(&text, buf, size);
	text_add(&text, "peer         ");
	add_peer(&text, report);
	text_add(&text, "\nfast open    %s", tlsfo_fast_open_name(report->fast_open));
	if (report->reason != TLSFO_REASON_NONE)
		text_add(&text, ": %s", tlsfo_reason_text(report->reason));
	text_add(&text, "\nflight       ");
	add_bytes(&text, report);
	text_add(&text, ", %s engine\n", tlsfo_engine_name(report->engine));
	add_early_data(&text, report);
	add_session(&text, report);
	if (report->tickets_left >= 0)
		text_add(&text, "tickets      %lld left\n", (long long)report->tickets_left);
	add_attempts(&text, report);
	add_time(&text, "resolved", report->resolved_us);
	add_time(&text, "first sent", report->first_sent_us);
	add_time(&text, "connected", report->connected_us);
	add_time(&text, "first byte", report->first_byte_us);
	add_time(&text, "handshake", report->handshake_us);
	add_time(&text, "round trip", report->rtt_us);
	if (report->error != 0)
		text_add(&text, "error        %s\n", report->error_text);
	return (int)text.len;
}
