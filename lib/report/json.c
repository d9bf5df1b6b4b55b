/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/form.h"

#include <sys/socket.h>

#include "base/json.h"
#include "report/names.h"

static const char *family_name(int family)
{
	return family == AF_INET6 ? "IPv6" : family == AF_INET ? "IPv4" : NULL;
}

static void add_attempt(struct json *json, const struct tlsfo_attempt *attempt)
{
	json_open(json, NULL, '{');
	json_add_string(json, "address", attempt->address);
	json_add_string(json, "mode", mode_name(attempt->mode));
	json_add_string(json, "result", attempt_result_name(attempt->result));
	json_add_number(json, "errno", attempt->error);
	json_add_ms(json, "start_ms", attempt->start_us);
	json_add_ms(json, "connected_ms", attempt->connected_us);
	json_close(json, '}');
}

static void add_attempts(struct json *json, const struct tlsfo_report *report)
{
	json_open(json, "attempts", '[');
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++)
		add_attempt(json, &report->attempts[i]);
	json_close(json, ']');
}

static void add_tls(struct json *json, const struct tlsfo_report *report)
{
	json_open(json, "tls", '{');
	json_add_string(json, "version", report->tls_version);
	json_add_string(json, "cipher", report->tls_cipher);
	json_add_string(json, "group", report->tls_group);
	json_add_string(json, "alpn", report->alpn);
	json_close(json, '}');
}

static void add_times(struct json *json, const struct tlsfo_report *report)
{
	json_open(json, "ms", '{');
	json_add_ms(json, "resolved", report->resolved_us);
	json_add_ms(json, "first_sent", report->first_sent_us);
	json_add_ms(json, "connected", report->connected_us);
	json_add_ms(json, "first_byte", report->first_byte_us);
	json_add_ms(json, "handshake", report->handshake_us);
	json_close(json, '}');
}

int tlsfo_report_json(const struct tlsfo_report *report, char *buf, size_t size)
{
	struct text text;
	struct json json = {.text = &text};

	if (!form_arguments_valid(report, buf, size))
		return TLSFO_E_INVALID_ARGUMENT;
	text_init(&text, buf, size);
	json_open(&json, NULL, '{');
	json_add_number(&json, "version", 1);
	json_add_string(&json, "host", report->host);
	json_add_number(&json, "port", report->port > 0 ? report->port : -1);
	json_add_string(&json, "address", report->address);
	json_add_string(&json, "family", family_name(report->family));
	json_add_string(&json, "engine", tlsfo_engine_name(report->engine));
	json_add_string(&json, "fast_open",
		report->fast_open == TLSFO_FAST_OPEN_UNKNOWN
			? NULL
			: tlsfo_fast_open_name(report->fast_open));
	json_add_string(&json, "fast_open_reason", tlsfo_reason_text(report->reason));
	json_add_number(&json, "flight_bytes", report->flight_bytes);
	json_add_number(&json, "syn_bytes", report->syn_bytes);
	json_add_bool(&json, "flight_in_syn", report->flight_in_syn);
	json_add_string(&json, "early_data",
		report->early_data == TLSFO_EARLY_DATA_UNKNOWN
			? NULL
			: early_data_name(report->early_data));
	json_add_string(&json, "early_data_reason",
		report->early_data_reason == TLSFO_WITHHELD_NOT
			? NULL
			: withheld_name(report->early_data_reason));
	json_add_number(&json, "early_data_bytes", report->early_data_bytes);
	json_add_string(&json, "reconnected",
		report->reconnected == TLSFO_RECONNECT_NONE ? NULL
							    : reconnect_name(report->reconnected));
	json_add_bool(&json, "hello_retried", report->hello_retried);
	json_add_bool(&json, "resumed", report->resumed);
	json_add_number(&json, "tickets_left", report->tickets_left);
	json_add_bool(&json, "verified", report->verified);
	json_add_string(&json, "client_certificate",
		report->client_cert == TLSFO_CLIENT_CERT_UNKNOWN
			? NULL
			: client_cert_name(report->client_cert));
	add_tls(&json, report);
	add_attempts(&json, report);
	add_times(&json, report);
	json_add_ms(&json, "rtt_ms", report->rtt_us);
	json_add_string(&json, "error", report->error != 0 ? report->error_text : NULL);
	json_close(&json, '}');
	return (int)text.len;
}
