/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nginx takes a request as early data and answers it. What it says of that itself ($ssl_early_data) is
 * true only as long as the handshake is not over, so it is not asked here. */
#include "command/run.h"

#include "support/net.h"
#include "support/program.h"
#include "support/suite.h"

#define REQUEST "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"

static json_t *visit(const char *store, const struct program *server)
{
	struct outcome outcome;
	struct port_text port = run_port(server->port);

	run_command(&outcome, REQUEST,
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--report=json", "--store",
			store, "--early-data", "127.0.0.1", port.text));
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_contains(outcome.out, "nginx was here\n");
	return run_json(outcome.err);
}

static void the_second_visit_is_early(void **state)
{
	struct program server;
	char store[64];
	json_t *report;

	(void)state;
	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	run_directory(store);
	program_nginx_on(&server, net_unused_port(AF_INET6), "ssl_early_data on;");
	report = visit(store, &server);
	assert_string_equal(run_json_string(report, "early_data"), "withheld");
	json_decref(report);

	report = visit(store, &server);
	assert_string_equal(run_json_string(report, "early_data"), "accepted");
	assert_true(json_is_true(json_object_get(report, "flight_in_syn")));
	assert_int_equal(
		json_integer_value(json_object_get(report, "early_data_bytes")), strlen(REQUEST));
	json_decref(report);
	program_stop(&server);
	run_remove_directory(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_visit_is_early),
	};

	program_need("nginx");
	return suite_run("nginx_takes_early_data", tests, suite_length(tests));
}
