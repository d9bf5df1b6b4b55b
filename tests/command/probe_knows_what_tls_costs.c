/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo probe" counts what the TLS handshake costs, and says what would cost less. */
#include "command/probing.h"

#include <stdlib.h>

#define OFFERED_FIRST "NORMAL:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519:+GROUP-SECP256R1"

static void tls_1_2_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-tls1_2"));
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", "works");
	probing_expect_text(probing, "tls", "TLS1.2");
	probing_expect_number(probing, "round_trips.early_data", -1);
	probing_expect_number(probing, "tickets.early_data_bytes", 0);
	assert_non_null(probing_change(probing, "tls13"));
	assert_null(probing_change(probing, "early-data"));
}

/* TLS 1.1 is not started early (RFC 7918), so a full handshake takes two round trips. */
static void a_long_handshake_is_counted(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"));
	(void)probing_probe(probing, "server4.test", "--priority", "NORMAL:-VERS-ALL:+VERS-TLS1.1");
	probing_expect_number(probing, "round_trips.plain", 4);
	probing_expect_number(probing, "round_trips.cookie", 3);
	probing_expect_number(probing, "round_trips.ticket", 2);
}

static void missing_tickets_are_told(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-no_ticket", "-num_tickets", "0"));
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", "works");
	probing_expect_number(probing, "tickets.kept", 0);
	assert_int_equal(json_array_size(probing_at(probing, "visits")), 2);
	assert_true(json_is_null(probing_at(probing, "hello_with_ticket")));
	assert_non_null(probing_change(probing, "tickets"));
}

static void missing_early_data_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-tls1_3"));
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_true(probing, "tickets.resumed", true);
	probing_expect_number(probing, "tickets.early_data_bytes", 0);
	probing_expect_number(probing, "round_trips.early_data", -1);
	assert_non_null(probing_change(probing, "early-data"));
	assert_null(probing_change(probing, "tickets"));
}

static void a_retried_hello_is_told(void **state)
{
	struct probing *probing = *state;
	const json_t *change;

	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS("-groups", "P-384"));
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_true(probing, "hello_retried", true);
	probing_expect_true(probing, "visits.1.report.hello_retried", true);
	probing_expect_number(probing, "round_trips.plain", 4);
	probing_expect_number(probing, "round_trips.cookie", 3);
	probing_expect_number(probing, "round_trips.ticket", 2);
	change = probing_change(probing, "hello-retried");
	assert_non_null(change);
	assert_string_equal(run_json_string(change, "command"), "--priority " OFFERED_FIRST);
	probing_probe_text(probing, "server4.test");

	/* And this helps. */
	(void)probing_probe(probing, "server4.test", "--priority", OFFERED_FIRST);
	probing_expect_true(probing, "hello_retried", false);
	probing_expect_number(probing, "round_trips.cookie", 2);
	assert_null(probing_change(probing, "hello-retried"));
}

static void a_hello_that_does_not_fit_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, "clamp-mss=300");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "path", "clean");
	probing_expect_true(probing, "hello.fits", false);
	assert_true(json_integer_value(probing_at(probing, "hello.syn_bytes")) < 300);
	probing_expect_number(probing, "round_trips.cookie", 3);
	assert_non_null(probing_change(probing, "hello-size"));
	assert_null(probing_change(probing, "ticket-size"));
}

/* gnutls-serv leaves Nagle's algorithm on, which holds the second half of its answer back. */
static void an_answer_in_pieces_is_told(void **state)
{
	static const char *const argv[] = {"gnutls-serv", "--quiet", "--echo", "--port",
		PROBING_PORT, "--x509certfile", CERTS_DIR "/server.pem", "--x509keyfile",
		CERTS_DIR "/server-key.pem", NULL};
	struct probing *probing = *state;

	probing_begin(probing, NULL);
	probing_server(probing, argv);
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_text(probing, "fast_open", "works");
	/* A command that is slowed down so much computes for as long, and then says nothing of it. */
	if (getenv("TLSFO_TEST_UNDER") == NULL)
		assert_non_null(probing_change(probing, "flight"));
}

/* Alone it fits, with a ticket it does not. */
static void a_ticket_that_does_not_fit_is_told(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, "clamp-mss=560");
	(void)probing_probe(probing, "server4.test", NULL, NULL);
	probing_expect_true(probing, "hello.fits", true);
	probing_expect_true(probing, "hello_with_ticket.fits", false);
	probing_expect_number(probing, "round_trips.cookie", 2);
	probing_expect_number(probing, "round_trips.ticket", 3);
	const json_t *change = probing_change(probing, "ticket-size");
	assert_non_null(change);
	assert_non_null(strstr(run_json_string(change, "text"), "The room is small"));
	assert_null(probing_change(probing, "hello-size"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls_1_2_is_told),
		cmocka_unit_test(a_long_handshake_is_counted),
		cmocka_unit_test(missing_tickets_are_told),
		cmocka_unit_test(missing_early_data_is_told),
		cmocka_unit_test(a_retried_hello_is_told),
		cmocka_unit_test(a_hello_that_does_not_fit_is_told),
		cmocka_unit_test(an_answer_in_pieces_is_told),
		cmocka_unit_test(a_ticket_that_does_not_fit_is_told),
	};

	program_need("nginx");
	program_need("openssl");
	return probing_run("probe_knows_what_tls_costs", tests, suite_length(tests));
}
