/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report/form.h"

#include <sys/socket.h>

#include "base/text.h"
#include "report/names.h"

static void add_string(struct text *text, const char *key, const char *value)
{
	text_add(text, "\"%s\":", key);
	if (value != NULL && value[0] != '\0')
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
	text_add(text, "\"%s\":%s,", key, value < 0 ? "null" : value != 0 ? "true" : "false");
}

/* Every member is written with a comma after it; this takes the last one back. */
static void close_list(struct text *text, char end)
{
	if (text->len > 0 && text->len <= text->size && text->buf[text->len - 1] == ',')
		text->buf[text->len - 1] = '\0';
	text->len--;
	text_add(text, "%c", end);
}

static const char *family_name(int family)
{
	return family == AF_INET6 ? "IPv6" : family == AF_INET ? "IPv4" : NULL;
}

static void add_attempt(struct text *text, const struct tlsfo_attempt *attempt)
{
	text_add(text, "{");
	add_string(text, "address", attempt->address);
	add_string(text, "mode", mode_name(attempt->mode));
	add_string(text, "result", attempt_result_name(attempt->result));
	add_number(text, "errno", attempt->error);
	add_ms(text, "start_ms", attempt->start_us);
	add_ms(text, "connected_ms", attempt->connected_us);
	close_list(text, '}');
	text_add(text, ",");
}

static void add_attempts(struct text *text, const struct tlsfo_report *report)
{
	text_add(text, "\"attempts\":[");
	for (size_t i = 0; i < report->attempt_count && i < TLSFO_ATTEMPTS_MAX; i++)
		add_attempt(text, &report->attempts[i]);
	if (report->attempt_count > 0)
		close_list(text, ']');
	else
		text_add(text, "]");
	text_add(text, ",");
}

static void add_tls(struct text *text, const struct tlsfo_report *report)
{
	text_add(text, "\"tls\":{");
	add_string(text, "version", report->tls_version);
	add_string(text, "cipher", report->tls_cipher);
	add_string(text, "group", report->tls_group);
	add_string(text, "alpn", report->alpn);
	close_list(text, '}');
	text_add(text, ",");
}

static void add_times(struct text *text, const struct tlsfo_report *report)
{
	text_add(text, "\"ms\":{");
	add_ms(text, "resolved", report->resolved_us);
	add_ms(text, "first_sent", report->first_sent_us);
	add_ms(text, "connected", report->connected_us);
	add_ms(text, "first_byte", report->first_byte_us);
	add_ms(text, "handshake", report->handshake_us);
	close_list(text, '}');
	text_add(text, ",");
}

int tlsfo_report_json(const struct tlsfo_report *report, char *buf, size_t size)
{
	struct text text;

	if (!form_arguments_valid(report, buf, size))
		return TLSFO_E_INVALID_ARGUMENT;
	text_init(&text, buf, size);
	text_add(&text, "{\"version\":1,");
	add_string(&text, "host", report->host);
	add_number(&text, "port", report->port > 0 ? report->port : -1);
	add_string(&text, "address", report->address);
	add_string(&text, "family", family_name(report->family));
	add_string(&text, "engine", tlsfo_engine_name(report->engine));
	add_string(&text, "fast_open",
		report->fast_open == TLSFO_FAST_OPEN_UNKNOWN
			? NULL
			: tlsfo_fast_open_name(report->fast_open));
	add_string(&text, "fast_open_reason", tlsfo_reason_text(report->reason));
	add_number(&text, "flight_bytes", report->flight_bytes);
	add_number(&text, "syn_bytes", report->syn_bytes);
	add_bool(&text, "flight_in_syn", report->flight_in_syn);
	add_string(&text, "early_data",
		report->early_data == TLSFO_EARLY_DATA_UNKNOWN
			? NULL
			: early_data_name(report->early_data));
	add_string(&text, "early_data_reason",
		report->early_data_reason == TLSFO_WITHHELD_NOT
			? NULL
			: withheld_name(report->early_data_reason));
	add_number(&text, "early_data_bytes", report->early_data_bytes);
	add_string(&text, "reconnected",
		report->reconnected == TLSFO_RECONNECT_NONE ? NULL
							    : reconnect_name(report->reconnected));
	add_bool(&text, "hello_retried", report->hello_retried);
	add_bool(&text, "resumed", report->resumed);
	add_bool(&text, "verified", report->verified);
	add_tls(&text, report);
	add_attempts(&text, report);
	add_times(&text, report);
	add_ms(&text, "rtt_ms", report->rtt_us);
	add_string(&text, "error", report->error != 0 ? report->error_text : NULL);
	close_list(&text, '}');
	return (int)text.len;
}
