/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A report with sixteen attempts and a long name has some 4000 bytes. */
#define REPORT_SIZE ((size_t)16 * 1024)

static void add_system(struct json *json, const struct probe_system *system)
{
	json_open(json, "system", '{');
	json_add_number(json, "tcp_fastopen", system->fastopen);
	json_add_bool(json, "client", system->client);
	json_add_number(json, "blackhole_timeout_s", system->blackhole_timeout_s);
	json_add_number(json, "blackholes", system->blackholes);
	json_close(json, '}');
}

static void add_cookies(struct json *json, const struct cookies *cookies)
{
	json_open(json, "cookies", '[');
	for (unsigned int i = 0; i < cookies->count; i++) {
		json_open(json, NULL, '{');
		json_add_string(json, "address", cookies->each[i].address);
		json_add_bool(json, "answered", cookies->each[i].answered);
		json_add_bool(json, "known", cookies->each[i].known);
		json_add_string(json, "error",
			cookies->each[i].error != 0 ? strerror(cookies->each[i].error) : NULL);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void add_hello(struct json *json, const char *key, const struct probe_visit *visit)
{
	if (!visit) {
		json_add_raw(json, key, "null");
		return;
	}
	json_open(json, key, '{');
	json_add_number(json, "bytes", visit->report.flight_bytes);
	json_add_number(json, "syn_bytes", visit->report.syn_bytes);
	json_add_bool(json, "fits", probe_hello_fits(visit));
	json_close(json, '}');
}

static void add_tickets(
	struct json *json, const struct probe_facts *facts, const struct probe_findings *findings)
{
	const struct probe_visit *last = findings->last;

	json_open(json, "tickets", '{');
	json_add_number(json, "kept", last ? (int64_t)facts->tickets : -1);
	json_add_bool(json, "resumed", findings->ticket ? findings->ticket->report.resumed : -1);
	json_add_number(json, "early_data_bytes", last ? (int64_t)facts->early_data : -1);
	json_close(json, '}');
}

static void add_round_trips(struct json *json, const struct probe_findings *findings)
{
	json_open(json, "round_trips", '{');
	json_add_number(json, "plain", findings->round_trips[PROBE_PLAIN]);
	json_add_number(
		json, "cookie", findings->cookie ? probe_round_trips(findings->cookie) : -1);
	json_add_number(json, "ticket", findings->round_trips[PROBE_TICKET]);
	json_add_number(json, "early_data", findings->early_data);
	json_close(json, '}');
}

static void add_changes(
	struct json *json, const struct probe_facts *facts, const struct probe_findings *findings)
{
	struct probe_change changes[PROBE_CHANGES_MAX];
	size_t count = probe_advise(facts, findings, changes);

	json_open(json, "changes", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(json, NULL, '{');
		json_add_string(json, "where", changes[i].where);
		json_add_string(json, "what", changes[i].what);
		json_add_number(json, "saves", changes[i].saves);
		json_add_string(json, "text", changes[i].text);
		json_add_string(json, "command", changes[i].command);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void add_visit(struct json *json, size_t kind, const struct probe_visit *visit)
{
	char report[REPORT_SIZE];
	int length = tlsfo_report_json(&visit->report, report, sizeof(report));

	json_open(json, NULL, '{');
	json_add_string(json, "visit", probe_visit_name(kind));
	json_add_number(json, "round_trips", probe_round_trips(visit));
	json_add_ms(json, "ready_ms", probe_visit_ready_us(visit));
	json_add_ms(json, "lost_ms", probe_visit_lost_us(visit));
	json_add_number(json, "tickets", visit->result == 0 ? (int64_t)visit->words.tickets : -1);
	json_add_bool(json, "later_acknowledged", visit->later_acknowledged);
	json_add_string(json, "error", visit->error);
	json_add_raw(
		json, "report", length > 0 && (size_t)length < sizeof(report) ? report : "null");
	json_close(json, '}');
}

static void add_visits(struct json *json, const struct probe_facts *facts)
{
	json_open(json, "visits", '[');
	for (size_t i = 0; i < PROBE_VISITS; i++)
		if (facts->visits[i].made)
			add_visit(json, i, &facts->visits[i]);
	json_close(json, ']');
}

static void compose(
	struct text *text, const struct probe_facts *facts, const struct probe_findings *findings)
{
	struct json whole = {.text = text};
	struct json *json = &whole;
	const struct probe_visit *cookie = findings->cookie;
	const struct probe_visit *last = findings->last;
	uint16_t port = facts->visits[PROBE_PLAIN].report.port;

	json_open(json, NULL, '{');
	json_add_number(json, "version", 1);
	json_add_string(json, "host", facts->host);
	json_add_number(json, "port", port > 0 ? port : -1);
	json_add_string(json, "address", last ? last->report.address : NULL);
	json_add_string(json, "fast_open", probe_outcome_name(findings->outcome));
	json_add_string(json, "path", probe_path_name(findings->path));
	add_system(json, &facts->system);
	add_cookies(json, &facts->cookies);
	add_hello(json, "hello", cookie);
	add_hello(json, "hello_with_ticket", findings->ticket);
	json_add_string(json, "tls", last ? last->report.tls_version : NULL);
	json_add_bool(json, "hello_retried", cookie ? cookie->report.hello_retried : -1);
	add_tickets(json, facts, findings);
	json_add_ms(json, "rtt_ms", findings->rtt_us);
	add_round_trips(json, findings);
	add_changes(json, facts, findings);
	add_visits(json, facts);
	json_add_string(json, "error", facts->visits[PROBE_PLAIN].error);
	json_close(json, '}');
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
