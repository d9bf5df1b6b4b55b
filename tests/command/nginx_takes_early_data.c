/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nginx answers a request that came as early data, and knows that it did. */
#include "command/run.h"

#include "support/net.h"
#include "support/program.h"
#include "support/suite.h"

#define REQUEST "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"

static json_t *visit(const char *store, const struct program *server, struct outcome *ret_outcome)
{
	struct port_text port = run_port(server->port);

	run_command(ret_outcome, REQUEST,
		RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "--report=json", "--store",
			store, "--early-data", "--no-half-close", "127.0.0.1", port.text));
	if (ret_outcome->status != 0)
		fail_msg("status %d: %s", ret_outcome->status, ret_outcome->err);
	assert_contains(ret_outcome->out, "nginx was here\n");
	return run_json(ret_outcome->err);
}

static void the_second_visit_is_early(void **state)
{
	struct outcome outcome;
	struct program server;
	char store[64];
	json_t *report;

	(void)state;
	net_set_fastopen(NET_FASTOPEN_CLIENT | NET_FASTOPEN_SERVER);
	run_directory(store);
	program_nginx_on(&server, net_unused_port(AF_INET6), "ssl_early_data on;");
	report = visit(store, &server, &outcome);
	assert_string_equal(run_json_string(report, "early_data"), "withheld");
	assert_null(strstr(outcome.out, "Early-Data: 1"));
	json_decref(report);

	report = visit(store, &server, &outcome);
	assert_string_equal(run_json_string(report, "early_data"), "accepted");
	assert_true(json_is_true(json_object_get(report, "flight_in_syn")));
	assert_contains(outcome.out, "Early-Data: 1");
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
