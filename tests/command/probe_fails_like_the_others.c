/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "tlsfo probe" cannot visit plainly it cannot probe: the status tells why, and with --json there is
 * an object all the same. */
#include "command/probing.h"

static void probe(struct probing *probing, int status, const char *part, const char *const *args)
{
	run_command(&probing->outcome, "must not be read", args);
	if (probing->outcome.status != status)
		fail_msg("status %d: %s", probing->outcome.status, probing->outcome.err);
	assert_contains(probing->outcome.err, part);
	assert_int_equal(strncmp(probing->outcome.err, "tlsfo: ", 7), 0);
}

static void a_closed_port_exits_3(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	probe(probing, 3, "Connection refused", RUN_ARGS("probe", "server.test", "4434"));
	assert_string_equal(probing->outcome.out, "");
	probe(probing, 3, "Connection refused", RUN_ARGS("probe", "--json", "server.test", "4434"));
	probing->found = run_json(probing->outcome.out);
	probing_expect_text(probing, "fast_open", NULL);
	assert_non_null(strstr(run_json_string(probing->found, "error"), "Connection refused"));
	assert_int_equal(json_array_size(probing_at(probing, "visits")), 1);
	assert_int_equal(json_array_size(probing_at(probing, "changes")), 0);
}

static void an_unknown_name_exits_3(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	probe(probing, 3, "nobody.invalid", RUN_ARGS("probe", "nobody.invalid"));
}

static void a_refused_certificate_exits_4(void **state)
{
	struct probing *probing = *state;

	probing_begin_nginx(probing, NULL);
	probe(probing, 4, "NOT trusted",
		RUN_ARGS("probe", "--cafile", CERTS_DIR "/unknown-ca.pem", "server4.test",
			PROBING_PORT));
	run_command(&probing->outcome, "",
		RUN_ARGS("probe", "--insecure", "server4.test", PROBING_PORT));
	assert_int_equal(probing->outcome.status, 0);
	assert_contains(probing->outcome.out, "fast open works");
	assert_contains(probing->outcome.out, "certificate not verified");
}

/* It says so when the client's side of the handshake is over already. */
static void refuse(struct probing *probing, const char *version)
{
	probing_begin(probing, NULL);
	probing_openssl(probing, RUN_ARGS(version, "-Verify", "1", "-CAfile", CERTS_DIR "/ca.pem",
					 "-verify_return_error"));
	probe(probing, 5, "the server sent the alert",
		RUN_ARGS("probe", "--cafile", CERTS_DIR "/ca.pem", "server4.test", PROBING_PORT));
	assert_string_equal(probing->outcome.out, "");
	probe(probing, 5, "the server sent the alert",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "server4.test", PROBING_PORT));
	assert_string_equal(probing->outcome.out, "");
	run_command(&probing->outcome, "",
		RUN_ARGS("probe", "--cafile", CERTS_DIR "/ca.pem", "--cert",
			CERTS_DIR "/client.pem", "--key", CERTS_DIR "/client-key.pem",
			"server4.test", PROBING_PORT));
	assert_int_equal(probing->outcome.status, 0);
	assert_contains(probing->outcome.out, "fast open works");
}

static void a_server_that_refuses_the_client_exits_5(void **state)
{
	refuse(*state, "-tls1_3");
}

static void so_it_does_with_tls_1_2(void **state)
{
	refuse(*state, "-tls1_2");
}

static void a_dead_host_exits_6(void **state)
{
	struct probing *probing = *state;
	uint64_t begun = lab_now_ns();

	probing_begin_nginx(probing, NULL);
	probe(probing, 6, LAB_DEAD_IPV4,
		RUN_ARGS("probe", "--timeout", "0.5", "dead.test", PROBING_PORT));
	/* It ends with the first visit. */
	assert_true(lab_now_ns() - begun < UINT64_C(10000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_exits_3),
		cmocka_unit_test(an_unknown_name_exits_3),
		cmocka_unit_test(a_refused_certificate_exits_4),
		cmocka_unit_test(a_server_that_refuses_the_client_exits_5),
		cmocka_unit_test(so_it_does_with_tls_1_2),
		cmocka_unit_test(a_dead_host_exits_6),
	};

	program_need("nginx");
	return probing_run("probe_fails_like_the_others", tests, suite_length(tests));
}
