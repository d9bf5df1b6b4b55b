/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The line, the text and the JSON of a report made up here are as promised. */

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <jansson.h>
#include <tlsfo/report.h>
#include <tlsfo/tlsfo.h>

#include "support/suite.h"

typedef int (*form)(const struct tlsfo_report *report, char *buf, size_t size);

static const form forms[] = {tlsfo_report_line, tlsfo_report_text, tlsfo_report_json};

static struct tlsfo_report full_report(void)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	strcpy(report.host, "dns.example");
	strcpy(report.address, "2001:db8::1");
	report.port = 853;
	report.family = AF_INET6;
	report.engine = TLSFO_ENGINE_SOCKET;
	report.fast_open = TLSFO_FAST_OPEN_ACKNOWLEDGED;
	report.flight_bytes = 415;
	report.syn_bytes = 400;
	report.resumed = 0;
	report.tickets_left = 2;
	report.verified = 1;
	report.hello_retried = 1;
	report.tls_version = "TLS1.3";
	report.tls_cipher = "AES-256-GCM";
	report.tls_group = "X25519";
	strcpy(report.alpn, "dot");
	report.resolved_us = 1234;
	report.first_sent_us = 2000;
	report.connected_us = 52007;
	report.first_byte_us = 52100;
	report.handshake_us = 60001;
	report.rtt_us = 50000;
	report.attempt_count = 2;
	strcpy(report.attempts[0].address, "192.0.2.1");
	report.attempts[0].result = TLSFO_ATTEMPT_FAILED;
	report.attempts[0].error = ECONNREFUSED;
	report.attempts[0].mode = TLSFO_MODE_PLAIN;
	report.attempts[0].start_us = 0;
	report.attempts[0].connected_us = TLSFO_UNKNOWN;
	strcpy(report.attempts[1].address, "2001:db8::1");
	report.attempts[1].result = TLSFO_ATTEMPT_WON;
	report.attempts[1].start_us = 2000;
	report.attempts[1].connected_us = 52007;
	return report;
}

static struct tlsfo_report unknown_report(void)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	report.flight_bytes = TLSFO_UNKNOWN;
	report.syn_bytes = TLSFO_UNKNOWN;
	report.resumed = TLSFO_UNKNOWN;
	report.tickets_left = TLSFO_UNKNOWN;
	report.hello_retried = TLSFO_UNKNOWN;
	report.client_cert = TLSFO_CLIENT_CERT_UNKNOWN;
	report.resolved_us = TLSFO_UNKNOWN;
	report.first_sent_us = TLSFO_UNKNOWN;
	report.connected_us = TLSFO_UNKNOWN;
	report.first_byte_us = TLSFO_UNKNOWN;
	report.handshake_us = TLSFO_UNKNOWN;
	report.rtt_us = TLSFO_UNKNOWN;
	return report;
}

static void cut_everywhere(void **state)
{
	struct tlsfo_report report = full_report();

	(void)state;
	for (size_t f = 0; f < suite_length(forms); f++) {
		int whole = forms[f](&report, NULL, 0);
		size_t room = (size_t)whole + 2;
		char *expected = malloc(room);
		char *buf = malloc(room);

		assert_true(whole > 0 && expected != NULL && buf != NULL);
		assert_int_equal(forms[f](&report, expected, room), whole);
		assert_int_equal(strlen(expected), whole);
		for (size_t size = 1; size < room; size++) {
			memset(buf, '#', room);
			assert_int_equal(forms[f](&report, buf, size), whole);
			assert_int_equal(strlen(buf), size - 1);
			assert_memory_equal(buf, expected, size - 1);
			assert_int_equal(buf[size], '#');
		}
		free(expected);
		free(buf);
	}
}

static void bad_arguments(void **state)
{
	struct tlsfo_report report = full_report();
	char buf[16];

	(void)state;
	for (size_t f = 0; f < suite_length(forms); f++) {
		assert_int_equal(forms[f](NULL, buf, sizeof(buf)), TLSFO_E_INVALID_ARGUMENT);
		assert_int_equal(forms[f](&report, NULL, 1), TLSFO_E_INVALID_ARGUMENT);
		report.size = 0;
		assert_int_equal(forms[f](&report, buf, sizeof(buf)), TLSFO_E_INVALID_ARGUMENT);
		report.size = offsetof(struct tlsfo_report, early_data_reason) - 1;
		assert_int_equal(forms[f](&report, buf, sizeof(buf)), TLSFO_E_INVALID_ARGUMENT);
		report.size = sizeof(report) + 8;
		assert_int_equal(forms[f](&report, buf, sizeof(buf)), TLSFO_E_INVALID_ARGUMENT);
		report.size = sizeof(report);
	}
}

static double ms(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_real(value));
	return json_real_value(value);
}

static json_t *parse(const struct tlsfo_report *report)
{
	char buf[8192];
	int len = tlsfo_report_json(report, buf, sizeof(buf));

	assert_true(len > 0 && (size_t)len < sizeof(buf));
	json_t *root = json_loads(buf, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL)
		fail_msg("no JSON: %s", buf);
	return root;
}

static void json_has_every_figure(void **state)
{
	struct tlsfo_report report = full_report();
	json_t *root = parse(&report);
	const json_t *times = json_object_get(root, "ms");
	const json_t *attempts = json_object_get(root, "attempts");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(root, "host")), "dns.example");
	assert_int_equal(json_integer_value(json_object_get(root, "port")), 853);
	assert_string_equal(json_string_value(json_object_get(root, "family")), "IPv6");
	assert_int_equal(json_integer_value(json_object_get(root, "flight_bytes")), 415);
	assert_int_equal(json_integer_value(json_object_get(root, "syn_bytes")), 400);
	assert_true(json_is_true(json_object_get(root, "verified")));
	assert_true(json_is_false(json_object_get(root, "resumed")));
	assert_true(json_is_true(json_object_get(root, "hello_retried")));
	assert_int_equal(json_integer_value(json_object_get(root, "tickets_left")), 2);
	/* Milliseconds with three decimals: what was microseconds is exact. */
	assert_int_equal((int)(ms(times, "resolved") * 1000 + 0.5), 1234);
	assert_int_equal((int)(ms(times, "connected") * 1000 + 0.5), 52007);
	assert_int_equal((int)(ms(times, "handshake") * 1000 + 0.5), 60001);
	assert_int_equal((int)(ms(root, "rtt_ms") * 1000 + 0.5), 50000);
	assert_int_equal(json_array_size(attempts), 2);
	const json_t *first = json_array_get(attempts, 0);
	assert_string_equal(json_string_value(json_object_get(first, "mode")), "plain");
	assert_string_equal(json_string_value(json_object_get(first, "result")), "failed");
	assert_int_equal(json_integer_value(json_object_get(first, "errno")), ECONNREFUSED);
	assert_true(json_is_null(json_object_get(first, "connected_ms")));
	json_decref(root);
}

static void json_names_every_result_and_reason(void **state)
{
	static const char *const results[] = {"pending", "failed", "won", "lost"};
	static const char *const certs[] = {"not-asked", "not-sent", "sent"};
	struct tlsfo_report report = full_report();

	(void)state;
	for (unsigned int i = 0; i < suite_length(certs); i++) {
		report.client_cert = (enum tlsfo_client_cert)i;
		json_t *root = parse(&report);
		assert_string_equal(
			json_string_value(json_object_get(root, "client_certificate")), certs[i]);
		json_decref(root);
	}
	for (unsigned int i = 0; i < suite_length(results); i++) {
		report.attempts[1].result = (enum tlsfo_attempt_result)i;
		json_t *root = parse(&report);
		const json_t *second = json_array_get(json_object_get(root, "attempts"), 1);
		assert_string_equal(
			json_string_value(json_object_get(second, "result")), results[i]);
		json_decref(root);
	}
	report.fast_open = TLSFO_FAST_OPEN_FELL_BACK;
	for (unsigned int i = 1; i <= TLSFO_REASON_RESET_LATER; i++) {
		report.reason = (enum tlsfo_reason)i;
		json_t *root = parse(&report);
		assert_string_equal(
			json_string_value(json_object_get(root, "fast_open")), "fell-back");
		assert_string_equal(json_string_value(json_object_get(root, "fast_open_reason")),
			tlsfo_reason_text(report.reason));
		json_decref(root);
	}
}

static void json_says_null_for_the_unknown(void **state)
{
	static const char *const nulls[] = {"host", "port", "address", "family", "flight_bytes",
		"syn_bytes", "hello_retried", "resumed", "tickets_left", "rtt_ms",
		"client_certificate"};
	struct tlsfo_report report = unknown_report();
	json_t *root = parse(&report);
	const char *key;
	json_t *value;

	(void)state;
	for (size_t i = 0; i < suite_length(nulls); i++)
		if (!json_is_null(json_object_get(root, nulls[i])))
			fail_msg("\"%s\" is not null", nulls[i]);
	json_object_foreach(json_object_get(root, "ms"), key, value)
		assert_true(json_is_null(value));
	json_object_foreach(json_object_get(root, "tls"), key, value)
		assert_true(json_is_null(value));
	assert_int_equal(json_array_size(json_object_get(root, "attempts")), 0);
	json_decref(root);
}

/* What a peer or a user gave cannot break out of its string. */
static void json_survives_hostile_strings(void **state)
{
	struct tlsfo_report report = full_report();

	(void)state;
	strcpy(report.host, "\",\"verified\":true,\"\x01\xff");
	memset(report.alpn, '\xff', sizeof(report.alpn) - 1);
	report.alpn[sizeof(report.alpn) - 1] = '\0';
	json_t *root = parse(&report);
	assert_int_equal(json_string_length(json_object_get(root, "host")),
		strlen("\",\"verified\":true,\"\x01") + 2);
	json_decref(root);
}

static void json_lists_sixteen_attempts(void **state)
{
	struct tlsfo_report report = full_report();

	(void)state;
	report.attempt_count = TLSFO_ATTEMPTS_MAX + 5;
	json_t *root = parse(&report);
	assert_int_equal(json_array_size(json_object_get(root, "attempts")), TLSFO_ATTEMPTS_MAX);
	json_decref(root);
}

static void line_and_text_say_it_in_words(void **state)
{
	struct tlsfo_report report = full_report();
	char line[1024];
	char text[4096];

	(void)state;
	assert_true(tlsfo_report_line(&report, line, sizeof(line)) > 0);
	assert_null(strchr(line, '\n'));
	assert_non_null(strstr(line, "dns.example"));
	assert_non_null(strstr(line, "[2001:db8::1]:853"));
	assert_non_null(strstr(line, "acknowledged"));
	assert_non_null(strstr(line, "400 of 415"));
	assert_true(tlsfo_report_text(&report, text, sizeof(text)) > 0);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_non_null(strstr(text, strerror(ECONNREFUSED)));
	assert_non_null(strstr(text, "X25519"));
	report = unknown_report();
	assert_true(tlsfo_report_line(&report, line, sizeof(line)) > 0);
	assert_null(strstr(line, "-1"));
	assert_true(tlsfo_report_text(&report, text, sizeof(text)) > 0);
	assert_null(strstr(text, "-1"));
}

/* First visit, accepted, rejected, withheld, connected again. */
static void line_tells_of_tickets_and_early_data(void **state)
{
	static const struct {
		enum tlsfo_early_data early_data;
		int resumed;
		enum tlsfo_reconnect reconnected;
		const char *part;
		enum tlsfo_withheld reason;
	} cases[] = {
		{TLSFO_EARLY_DATA_NONE, 0, TLSFO_RECONNECT_NONE, "SYN, ready"},
		{TLSFO_EARLY_DATA_NONE, 1, TLSFO_RECONNECT_NONE, "SYN, resumed, ready"},
		{TLSFO_EARLY_DATA_WITHHELD, 0, TLSFO_RECONNECT_NONE,
			"SYN, early data withheld, ready"},
		{TLSFO_EARLY_DATA_WITHHELD, 1, TLSFO_RECONNECT_NONE,
			"SYN, resumed, early data withheld, ready"},
		{TLSFO_EARLY_DATA_ACCEPTED, 1, TLSFO_RECONNECT_NONE,
			"SYN, early data accepted, ready"},
		{TLSFO_EARLY_DATA_REJECTED, 1, TLSFO_RECONNECT_NONE,
			"SYN, resumed, early data rejected, ready"},
		{TLSFO_EARLY_DATA_WITHHELD, 0, TLSFO_RECONNECT_HELLO_RETRIED,
			"SYN, early data withheld, connected again (the server wanted another "
			"ClientHello), ready"},
		{TLSFO_EARLY_DATA_WITHHELD, 0, TLSFO_RECONNECT_NONE,
			"SYN, early data withheld (no ticket), ready", TLSFO_WITHHELD_NO_TICKET},
	};
	char line[1024];

	(void)state;
	for (size_t i = 0; i < suite_length(cases); i++) {
		struct tlsfo_report report = full_report();

		report.early_data = cases[i].early_data;
		report.early_data_reason = cases[i].reason;
		report.resumed = cases[i].resumed;
		report.reconnected = cases[i].reconnected;
		assert_true(tlsfo_report_line(&report, line, sizeof(line)) > 0);
		if (strstr(line, cases[i].part) == NULL)
			fail_msg("\"%s\" is not in: %s", cases[i].part, line);
	}
}

static void names_are_as_documented(void **state)
{
	static const char *const fast_open[] = {"off", "acknowledged", "not-acknowledged",
		"cookie-requested", "no-cookie-given", "fell-back", "unavailable"};

	(void)state;
	for (unsigned int i = 0; i < suite_length(fast_open); i++)
		assert_string_equal(tlsfo_fast_open_name((enum tlsfo_fast_open)i), fast_open[i]);
	assert_string_equal(tlsfo_fast_open_name((enum tlsfo_fast_open)7), "unknown");
	assert_string_equal(tlsfo_fast_open_name((enum tlsfo_fast_open) - 1), "unknown");
	assert_string_equal(tlsfo_engine_name(TLSFO_ENGINE_SOCKET), "socket");
	assert_string_equal(tlsfo_engine_name(TLSFO_ENGINE_GNUTLS), "gnutls");
	assert_string_equal(tlsfo_engine_name((enum tlsfo_engine)3), "unknown");
	assert_string_equal(tlsfo_reason_text(TLSFO_REASON_NONE), "");
	for (unsigned int i = 1; i <= TLSFO_REASON_RESET_LATER; i++) {
		const char *text = tlsfo_reason_text((enum tlsfo_reason)i);

		assert_true(strlen(text) > 0);
		assert_string_not_equal(text, "unknown");
	}
	assert_string_equal(tlsfo_reason_text((enum tlsfo_reason)99), "unknown");
}

/* Whatever server, user or program put in. */
static void people_get_no_escape_sequence(void **state)
{
	struct tlsfo_report report = full_report();
	char buf[4096];

	(void)state;
	strcpy(report.host, "a\x1b[31m\n");
	strcpy(report.address, "fe80::1%\x1b");
	strcpy(report.attempts[0].address, "fe80::2%\x1b[2J");
	strcpy(report.alpn, "b\x1b]0;c\x07");
	strcpy(report.error_text, "d\xc2\x9b"
				  "2J");
	report.error = TLSFO_E_SYSTEM;
	assert_true(tlsfo_report_line(&report, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "a?[31m? ("));
	assert_non_null(strstr(buf, "failed: d?\?2J"));
	for (const char *at = buf; *at != '\0'; at++)
		assert_true((unsigned char)*at >= ' ');
	assert_true(tlsfo_report_text(&report, buf, sizeof(buf)) > 0);
	assert_non_null(strstr(buf, "a?[31m? (["));
	assert_non_null(strstr(buf, "ALPN b?]0;c?,"));
	assert_non_null(strstr(buf, "fe80::2%?[2J, plain"));
	assert_non_null(strstr(buf, "error        d?\?2J\n"));
	for (const char *at = buf; *at != '\0'; at++)
		assert_true((unsigned char)*at >= ' ' || *at == '\n');
}

/* The error's text begins with the host, and so does the line. */
static void line_names_the_host_once(void **state)
{
	struct tlsfo_report report = full_report();
	char line[2048];

	(void)state;
	report.error = TLSFO_E_SYSTEM;
	strcpy(report.error_text, "dns.example: the connection was lost");
	assert_true(tlsfo_report_line(&report, line, sizeof(line)) > 0);
	assert_non_null(strstr(line, "; failed: the connection was lost"));
	strcpy(report.error_text, "dns.examples");
	assert_true(tlsfo_report_line(&report, line, sizeof(line)) > 0);
	assert_non_null(strstr(line, "; failed: dns.examples"));
}

/* A program that was compiled with an earlier version has nothing behind its fields. */
static void earlier_version(void **state)
{
	struct tlsfo_report report = full_report();

	(void)state;
	report.early_data_reason = TLSFO_WITHHELD_NO_TICKET;
	report.client_cert = TLSFO_CLIENT_CERT_SENT;
	report.size = offsetof(struct tlsfo_report, early_data_reason);
	json_t *root = parse(&report);
	assert_string_equal(json_string_value(json_object_get(root, "host")), "dns.example");
	assert_int_equal(json_array_size(json_object_get(root, "attempts")), 2);
	assert_true(json_is_null(json_object_get(root, "early_data_reason")));
	assert_true(json_is_null(json_object_get(root, "tickets_left")));
	assert_true(json_is_null(json_object_get(root, "client_certificate")));
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_everywhere),
		cmocka_unit_test(earlier_version),
		cmocka_unit_test(line_names_the_host_once),
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(json_has_every_figure),
		cmocka_unit_test(json_names_every_result_and_reason),
		cmocka_unit_test(json_says_null_for_the_unknown),
		cmocka_unit_test(json_survives_hostile_strings),
		cmocka_unit_test(json_lists_sixteen_attempts),
		cmocka_unit_test(line_and_text_say_it_in_words),
		cmocka_unit_test(line_tells_of_tickets_and_early_data),
		cmocka_unit_test(names_are_as_documented),
		cmocka_unit_test(people_get_no_escape_sequence),
	};

	return suite_run_offline("report forms", tests, suite_length(tests));
}
