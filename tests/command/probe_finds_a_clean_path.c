/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where nothing is in the way "tlsfo probe" says so, counts the round trips, and sends no data. */
#include "command/probing.h"

#include <stdlib.h>

/* A client that waits for a processor may take the server for a slow one. Again, then, but not for ever. */
static void probe(struct probing *probing)
{
	for (int i = 0; i < 4; i++) {
		(void)probing_probe(probing, "server.test", NULL, NULL);
		if (probing_change(probing, "flight") == NULL)
			return;
	}
}

static void each_figure_is_right(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	probe(probing);
	probing_expect_text(probing, "fast_open", "works");
	probing_expect_text(probing, "path", "clean");
	probing_expect_text(probing, "error", NULL);
	probing_expect_number(probing, "port", 4433);
	probing_expect_text(probing, "address", LAB_SERVER_IPV6);
	probing_expect_true(probing, "system.client", true);
	probing_expect_number(probing, "system.tcp_fastopen", 1);
	probing_expect_true(probing, "hello.fits", true);
	probing_expect_true(probing, "hello_with_ticket.fits", true);
	probing_expect_text(probing, "tls", "TLS1.3");
	probing_expect_true(probing, "tickets.resumed", true);
	probing_expect_number(probing, "tickets.early_data_bytes", 16384);
	probing_expect_number(probing, "round_trips.plain", 3);
	probing_expect_number(probing, "round_trips.cookie", 2);
	probing_expect_number(probing, "round_trips.ticket", 2);
	probing_expect_number(probing, "round_trips.early_data", 1);
	assert_int_equal(json_array_size(probing_at(probing, "changes")), 0);
	assert_int_equal(json_array_size(probing_at(probing, "visits")), 3);
	probing_expect_text(probing, "visits.0.visit", "plain");
	probing_expect_text(probing, "visits.0.report.fast_open", "off");
	probing_expect_text(probing, "visits.1.report.fast_open", "acknowledged");
	probing_expect_true(probing, "visits.1.later_acknowledged", true);
	probing_expect_true(probing, "visits.1.report.resumed", false);
	probing_expect_true(probing, "visits.2.report.resumed", true);
	assert_true(json_real_value(probing_at(probing, "rtt_ms")) >= 50);
	assert_true(json_real_value(probing_at(probing, "visits.0.ready_ms")) >
		    json_real_value(probing_at(probing, "rtt_ms")) * 2 - 1);
}

static void nothing_is_sent_early(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	for (size_t i = 0; i < lab_trace_connections(probing->lab); i++) {
		struct lab_early_data early = {.sent = 1};

		assert_int_equal(lab_trace_early_data(probing->lab, (int)i, &early), 0);
		assert_int_equal(early.sent, 0);
	}
}

static void the_text_says_it_too(void **state)
{
	struct probing *probing = *state;
	const char *out = probing->outcome.out;

	probing_begin_nginx(probing, NULL);
	probing_probe_text(probing, "server.test");
	assert_contains(out,
		"server.test port 4433: fast open works\n"
		"A visit takes 2 round trips, 1 where the request may be early data\n");
	assert_contains(out, "\ncookie      known for 2 of 2 addresses: " LAB_SERVER_IPV6
			     " yes, " LAB_SERVER_IPV4 " yes\n");
	assert_contains(out, "\npath        clean: ");
	assert_contains(out, "\n  3  plain ");
	assert_contains(out, "\n  2  fast open ");
	assert_contains(out, "\n  1  fast open, ticket, early data ");
	assert_contains(out, "SYN, cookie, ClientHello ");
	assert_contains(out, " SYN-ACK, covers the data ");
	for (int i = 0; i < 4 && strstr(out, "came in pieces") != NULL; i++)
		probing_probe_text(probing, "server.test");
	assert_contains(out, "\nWhat to change:\n  nothing\n");
	assert_contains(out, "'tlsfo run COMMAND'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_figure_is_right),
		cmocka_unit_test(nothing_is_sent_early),
		cmocka_unit_test(the_text_says_it_too),
	};

	program_need("nginx");
	return probing_run("probe_finds_a_clean_path", tests, suite_length(tests));
}
