/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The forms of a report: a line, text for people, and JSON. */

#include "report/form.h"

#include <string.h>
#include <sys/socket.h>

#include <tlsfo/error.h>

#include "base/text.h"
#include "base/macros.h"

/* The fields of the first version end here. */
#define SIZE_LEAST offsetof(struct tlsfo_report, early_data_reason)

void report_init(struct tlsfo_report *report)
{
	*report = (struct tlsfo_report){
		.size = sizeof(*report),
		.reason = TLSFO_REASON_NOT_STARTED,
		.flight_bytes = TLSFO_UNKNOWN,
		.flight_in_syn = TLSFO_UNKNOWN,
		.resumed = TLSFO_UNKNOWN,
		.hello_retried = TLSFO_UNKNOWN,
		.tickets_left = TLSFO_UNKNOWN,
		.client_cert = TLSFO_CLIENT_CERT_UNKNOWN,
		.resolved_us = TLSFO_UNKNOWN,
		.first_sent_us = TLSFO_UNKNOWN,
		.connected_us = TLSFO_UNKNOWN,
		.first_byte_us = TLSFO_UNKNOWN,
		.handshake_us = TLSFO_UNKNOWN,
		.rtt_us = TLSFO_UNKNOWN,
	};
}

bool report_copy(struct tlsfo_report *to, const struct tlsfo_report *from)
{
	const size_t most = sizeof(*to);

	if (to == NULL || from == NULL || to->size < SIZE_LEAST || to->size > most ||
		from->size < SIZE_LEAST || from->size > most)
		return false;
	size_t size = to->size;
	memcpy(to, from, size < from->size ? size : from->size);
	to->size = size;
	return true;
}

size_t tlsfo_report_size(void)
{
	return sizeof(struct tlsfo_report);
}

/* ------------------------------------------------------------------------------------ words -- */

#define VALUES 16

/* For each value of an enumeration its word in JSON, and its words for people where they differ. A value without
 * a word is null in JSON. */
static const char *const fast_open_words[VALUES][2] = {
	[TLSFO_FAST_OPEN_OFF] = {"off"},
	[TLSFO_FAST_OPEN_ACKNOWLEDGED] = {"acknowledged"},
	[TLSFO_FAST_OPEN_NOT_ACKNOWLEDGED] = {"not-acknowledged"},
	[TLSFO_FAST_OPEN_COOKIE_REQUESTED] = {"cookie-requested"},
	[TLSFO_FAST_OPEN_NO_COOKIE_GIVEN] = {"no-cookie-given"},
	[TLSFO_FAST_OPEN_FELL_BACK] = {"fell-back"},
	[TLSFO_FAST_OPEN_UNAVAILABLE] = {"unavailable"},
};
static const char *const reason_words[VALUES][2] = {
	[TLSFO_REASON_NONE] = {""},
	[TLSFO_REASON_NOT_WANTED] = {"switched off by the program"},
	[TLSFO_REASON_DISABLED_HERE] = {"disabled on this system (net.ipv4.tcp_fastopen)"},
	[TLSFO_REASON_NOT_SUPPORTED] = {"not supported by this system"},
	[TLSFO_REASON_NO_COOKIE] = {"no cookie was known"},
	[TLSFO_REASON_COOKIE_NOT_GIVEN] = {"the peer gave no cookie"},
	[TLSFO_REASON_DATA_NOT_ACKNOWLEDGED] = {"the SYN-ACK did not cover the data"},
	[TLSFO_REASON_SYN_RETRANSMITTED] = {"no answer to the fast-open SYN"},
	[TLSFO_REASON_NOT_CONNECTED] = {"not connected"},
	[TLSFO_REASON_NOT_TOLD] = {"the system does not tell"},
	[TLSFO_REASON_NOT_STARTED] = {"nothing was sent"},
	[TLSFO_REASON_RESET] = {"the SYN with data was reset"},
	[TLSFO_REASON_RESET_LATER] = {"a reset after acknowledged data"},
	[TLSFO_REASON_SILENT] = {"silence after acknowledged data"},
	[TLSFO_REASON_SWALLOWED] = {"the path swallows what follows the SYN"},
	[TLSFO_REASON_PATH_REMEMBERED] = {"fast open failed here before"},
};
static const char *const engine_words[VALUES][2] = {
	[TLSFO_ENGINE_SOCKET] = {"socket"},
	[TLSFO_ENGINE_GNUTLS] = {"gnutls"},
};
static const char *const mode_words[VALUES][2] = {
	[TLSFO_MODE_FAST_OPEN] = {"fast-open"},
	[TLSFO_MODE_PLAIN] = {"plain"},
};
static const char *const result_words[VALUES][2] = {
	[TLSFO_ATTEMPT_PENDING] = {"pending"},
	[TLSFO_ATTEMPT_FAILED] = {"failed"},
	[TLSFO_ATTEMPT_WON] = {"won"},
	[TLSFO_ATTEMPT_LOST] = {"lost"},
};
static const char *const early_data_words[VALUES][2] = {
	[TLSFO_EARLY_DATA_NONE] = {"none"},
	[TLSFO_EARLY_DATA_ACCEPTED] = {"accepted"},
	[TLSFO_EARLY_DATA_REJECTED] = {"rejected"},
	[TLSFO_EARLY_DATA_WITHHELD] = {"withheld"},
	[TLSFO_EARLY_DATA_UNSENT] = {"unsent",
		"not sent, because the server chose another protocol"},
};
static const char *const withheld_words[VALUES][2] = {
	[TLSFO_WITHHELD_NOT_REPLAYABLE] = {"not-replayable",
		"not marked as safe to be processed twice"},
	[TLSFO_WITHHELD_NO_TICKET] = {"no-ticket", "no ticket"},
	[TLSFO_WITHHELD_NOT_ALLOWED] = {"not-allowed", "the ticket allows none"},
	[TLSFO_WITHHELD_TOO_LARGE] = {"too-large", "more than the ticket allows"},
	[TLSFO_WITHHELD_OTHER_PROTOCOL] = {"other-protocol", "the ticket is for another protocol"},
	[TLSFO_WITHHELD_CONNECTED_AGAIN] = {"connected-again", "on the second connection"},
	[TLSFO_WITHHELD_TICKET_REFUSED] = {"ticket-refused", "GnuTLS did not take the ticket"},
	[TLSFO_WITHHELD_PATH_REMEMBERED] = {"path-remembered",
		"the path swallowed a hello with early data before"},
	[TLSFO_WITHHELD_OWN_SOCKET] = {"own-socket", "on a socket of the program's"},
};
static const char *const reconnect_words[VALUES][2] = {
	[TLSFO_RECONNECT_HELLO_RETRIED] = {"hello-retried",
		"the server wanted another ClientHello"},
	[TLSFO_RECONNECT_CONNECTION_LOST] = {"connection-lost",
		"the connection was lost with early data in flight"},
	[TLSFO_RECONNECT_HANDSHAKE_FAILED] = {"handshake-failed",
		"the handshake failed with early data in flight"},
	[TLSFO_RECONNECT_PATH_SWALLOWS] = {"path-swallows",
		"the path swallows what follows a fast-open SYN"},
	[TLSFO_RECONNECT_EARLY_DATA_SWALLOWED] = {"early-data-swallowed",
		"the path swallowed the hello with early data"},
};
static const char *const cert_words[VALUES][2] = {
	[TLSFO_CLIENT_CERT_NOT_ASKED] = {"not-asked"},
	[TLSFO_CLIENT_CERT_NOT_SENT] = {"not-sent"},
	[TLSFO_CLIENT_CERT_SENT] = {"sent"},
};

/* Enumerations with an unknown value of -1 are signed, and the others are not. */
static const char *word(const char *const words[VALUES][2], int64_t value)
{
	return value >= 0 && value < VALUES ? words[value][0] : NULL;
}

/* For people. */
static const char *said(const char *const words[VALUES][2], int64_t value)
{
	const char *name = word(words, value);

	if (name == NULL)
		return "unknown";
	return words[value][1] != NULL ? words[value][1] : name;
}

const char *tlsfo_fast_open_name(enum tlsfo_fast_open value)
{
	return said(fast_open_words, value);
}

const char *tlsfo_engine_name(enum tlsfo_engine value)
{
	return said(engine_words, value);
}

const char *tlsfo_reason_text(enum tlsfo_reason value)
{
	return said(reason_words, value);
}

/* ------------------------------------------------------------------------------- for people -- */

/* Writes a form. For people the strings that come from elsewhere are fit for a terminal and for one line. */
static int write_form(const struct tlsfo_report *report, char *buf, size_t size, bool for_people,
	void (*add)(struct text *text, const struct tlsfo_report *report))
{
	struct tlsfo_report shown;
	struct text text;

	report_init(&shown);
	if (!report_copy(&shown, report) || (buf == NULL && size > 0))
		return TLSFO_E_INVALID_ARGUMENT;
	text_init(&text, buf, size);
	if (for_people) {
		text_make_printable(shown.host);
		text_make_printable(shown.address);
		text_make_printable(shown.alpn);
		text_make_printable(shown.error_text);
	}
	/* A scope in an address is an interface's name, which may hold anything but blanks. */
	for (size_t i = 0; for_people && i < shown.attempt_count && i < TLSFO_ATTEMPTS_MAX; i++)
		text_make_printable(shown.attempts[i].address);
	add(&text, &shown);
	return (int)text.len;
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

/* "415 of 740 bytes in the SYN", "nothing in the SYN" and so on. */
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

static void add_client_cert(struct text *text, const struct tlsfo_report *report)
{
	if (report->client_cert == TLSFO_CLIENT_CERT_SENT)
		text_add(text, ", client certificate sent");
	if (report->client_cert == TLSFO_CLIENT_CERT_NOT_SENT)
		text_add(text, ", client certificate asked for, none sent");
}

static void add_line(struct text *text, const struct tlsfo_report *report)
{
	add_peer(text, report);
	text_add(text, ": ");
	if (report->tls_version != NULL)
		text_add(text, "%s, ", report->tls_version);
	text_add(text, "fast open %s", said(fast_open_words, report->fast_open));
	if (report->reason != TLSFO_REASON_NONE)
		text_add(text, " (%s)", said(reason_words, report->reason));
	if (report->fast_open != TLSFO_FAST_OPEN_OFF &&
		report->fast_open != TLSFO_FAST_OPEN_UNAVAILABLE) {
		text_add(text, ", ");
		add_bytes(text, report);
	}
	/* Early data that was accepted says it. */
	if (report->resumed > 0 && report->early_data != TLSFO_EARLY_DATA_ACCEPTED)
		text_add(text, ", resumed");
	if (report->early_data != TLSFO_EARLY_DATA_NONE)
		text_add(text, ", early data %s", said(early_data_words, report->early_data));
	if (report->early_data_reason != TLSFO_WITHHELD_NOT)
		text_add(text, " (%s)", said(withheld_words, report->early_data_reason));
	if (report->reconnected != TLSFO_RECONNECT_NONE)
		text_add(
			text, ", connected again (%s)", said(reconnect_words, report->reconnected));
	if (report->tickets_left == 0)
		text_add(text, ", no ticket left");
	add_client_cert(text, report);
	if (report->handshake_us >= 0)
		text_add(text, ", ready after %.1f ms", (double)report->handshake_us / 1000);
	/* The line and the error begin with the host. */
	size_t named = strlen(report->host);
	if (strncmp(report->error_text, report->host, named) != 0 ||
		strncmp(report->error_text + named, ": ", 2) != 0)
		named = 0;
	if (report->error != 0)
		text_add(text, "; failed: %s", report->error_text + named + (named > 0 ? 2 : 0));
}

int tlsfo_report_line(const struct tlsfo_report *report, char *buf, size_t size)
{
	return write_form(report, buf, size, true, add_line);
}

static void add_early_data(struct text *text, const struct tlsfo_report *report)
{
	if (report->early_data != TLSFO_EARLY_DATA_NONE) {
		text_add(text, "early data   %s", said(early_data_words, report->early_data));
		if (report->early_data_reason != TLSFO_WITHHELD_NOT)
			text_add(text, ": %s", said(withheld_words, report->early_data_reason));
		if (report->early_data_bytes > 0)
			text_add(text, ", %lld bytes", (long long)report->early_data_bytes);
		text_add(text, "\n");
	}
	if (report->reconnected != TLSFO_RECONNECT_NONE)
		text_add(text, "connected    again without early data: %s\n",
			said(reconnect_words, report->reconnected));
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
			said(mode_words, attempt->mode), said(result_words, attempt->result));
		if (attempt->error != 0)
			text_add(text, ", %s", strerror(attempt->error));
		text_add(text, "\n");
	}
	if (report->attempt_count > TLSFO_ATTEMPTS_MAX)
		text_add(text, "attempts     %zu in all\n", report->attempt_count);
}

static void add_time(struct text *text, const char *what, int64_t us)
{
	if (us >= 0)
		text_add(text, "%-12s %.3f ms\n", what, (double)us / 1000);
}

static void add_text(struct text *text, const struct tlsfo_report *report)
{
	text_add(text, "peer         ");
	add_peer(text, report);
	text_add(text, "\nfast open    %s", said(fast_open_words, report->fast_open));
	if (report->reason != TLSFO_REASON_NONE)
		text_add(text, ": %s", said(reason_words, report->reason));
	text_add(text, "\nflight       ");
	add_bytes(text, report);
	text_add(text, ", %s engine\n", said(engine_words, report->engine));
	add_early_data(text, report);
	add_session(text, report);
	if (report->tickets_left >= 0)
		text_add(text, "tickets      %lld left\n", (long long)report->tickets_left);
	add_attempts(text, report);
	add_time(text, "resolved", report->resolved_us);
	add_time(text, "first sent", report->first_sent_us);
	add_time(text, "connected", report->connected_us);
	add_time(text, "first byte", report->first_byte_us);
	add_time(text, "handshake", report->handshake_us);
	add_time(text, "round trip", report->rtt_us);
	if (report->error != 0)
		text_add(text, "error        %s\n", report->error_text);
}

int tlsfo_report_text(const struct tlsfo_report *report, char *buf, size_t size)
{
	return write_form(report, buf, size, true, add_text);
}

/* ------------------------------------------------------------------------------------- JSON -- */

static void add_json(struct text *text, const struct tlsfo_report *report)
{
	struct json json = {.text = text};

	json_open(&json, NULL, '{');
	json_add_number(&json, "version", 1);
	json_add_string(&json, "host", report->host);
	json_add_number(&json, "port", report->port > 0 ? report->port : -1);
	json_add_string(&json, "address", report->address);
	json_add_string(&json, "family",
		report->family == AF_INET6  ? "IPv6"
		: report->family == AF_INET ? "IPv4"
					    : NULL);
	json_add_string(&json, "engine", word(engine_words, report->engine));
	json_add_string(&json, "fast_open", word(fast_open_words, report->fast_open));
	json_add_string(&json, "fast_open_reason", word(reason_words, report->reason));
	json_add_number(&json, "flight_bytes", report->flight_bytes);
	json_add_number(&json, "syn_bytes", report->syn_bytes);
	json_add_bool(&json, "flight_in_syn", report->flight_in_syn);
	json_add_string(&json, "early_data", word(early_data_words, report->early_data));
	json_add_string(
		&json, "early_data_reason", word(withheld_words, report->early_data_reason));
	json_add_number(&json, "early_data_bytes", report->early_data_bytes);
	json_add_string(&json, "reconnected", word(reconnect_words, report->reconnected));
	json_add_bool(&json, "hello_retried", report->hello_retried);
	json_add_bool(&json, "resumed", report->resumed);
	json_add_number(&json, "tickets_left", report->tickets_left);
	json_add_bool(&json, "verified", report->verified);
	json_add_string(&json, "client_certificate", word(cert_words, report->client_cert));
	json_open(&json, "tls", '{');
	json_add_string(&json, "version", report->tls_version);
	json_add_string(&json, "cipher", report->tls_cipher);
	json_add_string(&json, "group", report->tls_group);
	json_add_string(&json, "alpn", report->alpn);
	json_close(&json, '}');
	json_open(&json, "attempts", '[');
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++) {
		const struct tlsfo_attempt *attempt = &report->attempts[i];

		json_open(&json, NULL, '{');
		json_add_string(&json, "address", attempt->address);
		json_add_string(&json, "mode", word(mode_words, attempt->mode));
		json_add_string(&json, "result", word(result_words, attempt->result));
		json_add_number(&json, "errno", attempt->error);
		json_add_ms(&json, "start_ms", attempt->start_us);
		json_add_ms(&json, "connected_ms", attempt->connected_us);
		json_add_bool(&json, "cookie", (int)attempt->cookie);
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_open(&json, "ms", '{');
	json_add_ms(&json, "resolved", report->resolved_us);
	json_add_ms(&json, "first_sent", report->first_sent_us);
	json_add_ms(&json, "connected", report->connected_us);
	json_add_ms(&json, "first_byte", report->first_byte_us);
	json_add_ms(&json, "handshake", report->handshake_us);
	json_close(&json, '}');
	json_add_ms(&json, "rtt_ms", report->rtt_us);
	json_add_string(&json, "error", report->error != 0 ? report->error_text : NULL);
	json_close(&json, '}');
}

int tlsfo_report_json(const struct tlsfo_report *report, char *buf, size_t size)
{
	return write_form(report, buf, size, false, add_json);
}
