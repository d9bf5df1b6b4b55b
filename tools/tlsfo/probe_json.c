/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A report with sixteen attempts and a long name has some 4000 bytes. */
#define REPORT_SIZE ((size_t)16 * 1024)

static void add_string(struct text *text, const char *key, const char *value)
{
	text_add(text, "\"%s\":", key);
	if (value && value[0])
		text_add_json(text, value);
	else
		text_add(text, "null");
	text_add(text, ",");
}

static void add_number(struct text *text, const char *key, int64_t value)
{
	if (value < 0)
		text_add(text, "\"%s\":null,", key);
	else
		text_add(text, "\"%s\":%lld,", key, (long long)value);
}

static void add_ms(struct text *text, const char *key, int64_t us)
{
	if (us < 0)
		text_add(text, "\"%s\":null,", key);
	else
		text_add(text, "\"%s\":%lld.%03d,", key, (long long)(us / 1000), (int)(us % 1000));
}

static void add_bool(struct text *text, const char *key, int value)
{
	text_add(text, "\"%s\":%s,", key, value < 0 ? "null" : value ? "true" : "false");
}

/* Every member has a comma behind it; the last one is taken back. */
static void close_list(struct text *text, char end)
{
	if (text->len > 0 && text->len <= text->size && text->buf[text->len - 1] == ',')
		text->buf[text->len - 1] = '\0';
	text->len--;
	text_add(text, "%c", end);
}

static void add_system(struct text *text, const struct probe_system *system)
{
	text_add(text, "\"system\":{");
	add_number(text, "tcp_fastopen", system->fastopen);
	add_bool(text, "client", system->client);
	add_number(text, "blackhole_timeout_s", system->blackhole_timeout_s);
	add_number(text, "blackholes", system->blackholes);
	close_list(text, '}');
	text_add(text, ",");
}

static void add_cookies(struct text *text, const struct cookies *cookies)
{
	text_add(text, "\"cookies\":[");
	for (unsigned int i = 0; i < cookies->count; i++) {
		text_add(text, "{");
		add_string(text, "address", cookies->each[i].address);
		add_bool(text, "answered", cookies->each[i].answered);
		add_bool(text, "known", cookies->each[i].known);
		add_string(text, "error",
			cookies->each[i].error != 0 ? strerror(cookies->each[i].error) : NULL);
		close_list(text, '}');
		text_add(text, ",");
	}
	if (cookies->count > 0)
		close_list(text, ']');
	else
		text_add(text, "]");
	text_add(text, ",");
}

static void add_hello(struct text *text, const char *key, const struct probe_visit *visit)
{
	text_add(text, "\"%s\":", key);
	if (!visit) {
		text_add(text, "null,");
		return;
	}
	text_add(text, "{");
	add_number(text, "bytes", visit->report.flight_bytes);
	add_number(text, "syn_bytes", visit->report.syn_bytes);
	add_bool(text, "fits", probe_hello_fits(visit));
	close_list(text, '}');
	text_add(text, ",");
}

static void add_tickets(
	struct text *text, const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *last = findings->last;

	text_add(text, "\"tickets\":{");
	add_number(text, "kept", last ? (int64_t)facts->tickets : -1);
	add_bool(text, "resumed", findings->ticket ? findings->ticket->report.resumed : -1);
	add_number(text, "early_data_bytes", last ? (int64_t)facts->early_data : -1);
	close_list(text, '}');
	text_add(text, ",");
}

static void add_round_trips(struct text *text, const struct probe_findings *findings)
{
	text_add(text, "\"round_trips\":{");
	add_number(text, "plain", findings->round_trips[PROBE_PLAIN]);
	add_number(text, "cookie", findings->cookie ? probe_round_trips(findings->cookie) : -1);
	add_number(text, "ticket", findings->round_trips[PROBE_TICKET]);
	add_number(text, "early_data", findings->early_data);
	close_list(text, '}');
	text_add(text, ",");
}

static void add_changes(
	struct text *text, const struct probe_facts *facts, const struct probe_findings *findings)
{
	struct probe_change changes[PROBE_CHANGES_MAX];
	size_t count = probe_advise(facts, findings, changes);

	text_add(text, "\"changes\":[");
	for (size_t i = 0; i < count; i++) {
		text_add(text, "{");
		add_string(text, "where", changes[i].where);
		add_string(text, "what", changes[i].what);
		add_number(text, "saves", changes[i].saves);
		add_string(text, "text", changes[i].text);
		add_string(text, "command", changes[i].command);
		close_list(text, '}');
		text_add(text, ",");
	}
	if (count > 0)
		close_list(text, ']');
	else
		text_add(text, "]");
	text_add(text, ",");
}

static void add_visit(struct text *text, size_t kind, const struct probe_visit *visit)
{
	char report[REPORT_SIZE];
	int length = tlsfo_report_json(&visit->report, report, sizeof(report));

	text_add(text, "{");
	add_string(text, "visit", probe_visit_name(kind));
	add_number(text, "round_trips", probe_round_trips(visit));
	add_ms(text, "ready_ms", probe_visit_ready_us(visit));
	add_ms(text, "lost_ms", probe_visit_lost_us(visit));
	add_number(text, "tickets", visit->result == 0 ? (int64_t)visit->words.tickets : -1);
	add_bool(text, "later_acknowledged", visit->later_acknowledged);
	add_string(text, "error", visit->error);
	text_add(text, "\"report\":%s}",
		length > 0 && (size_t)length < sizeof(report) ? report : "null");
}

static void add_visits(struct text *text, const struct probe_facts *facts)
{
	const char *separator = "";

	text_add(text, "\"visits\":[");
	for (size_t i = 0; i < PROBE_VISITS; i++) {
		if (!facts->visits[i].made)
			continue;
		text_add(text, "%s", separator);
		add_visit(text, i, &facts->visits[i]);
		separator = ",";
	}
	text_add(text, "]");
}

static void compose(
	struct text *text, const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *cookie = findings->cookie;
	const struct probe_visit *last = findings->last;
	uint16_t port = facts->visits[PROBE_PLAIN].report.port;

	text_add(text, "{\"version\":1,");
	add_string(text, "host", facts->host);
	add_number(text, "port", port > 0 ? port : -1);
	add_string(text, "address", last ? last->report.address : NULL);
	add_string(text, "fast_open", probe_outcome_name(findings->outcome));
	add_string(text, "path", probe_path_name(findings->path));
	add_system(text, &facts->system);
	add_cookies(text, &facts->cookies);
	add_hello(text, "hello", cookie);
	add_hello(text, "hello_with_ticket", findings->ticket);
	add_string(text, "tls", last ? last->report.tls_version : NULL);
	add_bool(text, "hello_retried", cookie ? cookie->report.hello_retried : -1);
	add_tickets(text, facts, findings);
	add_ms(text, "rtt_ms", findings->rtt_us);
	add_round_trips(text, findings);
	add_changes(text, facts, findings);
	add_visits(text, facts);
	text_add(text, ",");
	add_string(text, "error", facts->visits[PROBE_PLAIN].error);
	close_list(text, '}');
	text_add(text, "\n");
}

bool probe_print_json(
	FILE *file, const struct probe_facts *facts, const struct probe_findings *findings)
{
	struct text text;
	char *buf = NULL;

	text_init(&text, NULL, 0);
	compose(&text, facts, findings);
	size_t size = text.len + 1;
	buf = malloc(size);
	if (!buf)
		return false;
	text_init(&text, buf, size);
	compose(&text, facts, findings);
	(void)fputs(buf, file);
	free(buf);
	return true;
}
