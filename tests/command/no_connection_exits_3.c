/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When no address can be connected to, the status is 3 and the address is named with its error. */
#include "command/run.h"

#include <sys/socket.h>

#include "support/net.h"
#include "support/suite.h"

static void assert_not_connected(const char *const *args, const char *first, const char *second)
{
	struct outcome outcome;

	run_command(&outcome, "lost", args);
	assert_int_equal(outcome.status, 3);
	assert_int_equal(outcome.length, 0);
	assert_int_equal(strncmp(outcome.err, "tlsfo: ", 7), 0);
	assert_contains(outcome.err, first);
	assert_contains(outcome.err, second);
}

static void refused_ports_are_named(void **state)
{
	struct port_text port4 = run_port(net_unused_port(AF_INET));
	struct port_text port6 = run_port(net_unused_port(AF_INET6));

	(void)state;
	assert_not_connected(
		RUN_ARGS("connect", "127.0.0.1", port4.text), "127.0.0.1", "Connection refused");
	assert_not_connected(RUN_ARGS("connect", "::1", port6.text), "::1", "Connection refused");
	assert_not_connected(RUN_ARGS("connect", "--fast-open=never", "localhost", port4.text),
		"127.0.0.1", "Connection refused");
}

static void every_form_of_report_tells_it(void **state)
{
	static const char *const forms[] = {
		"--report=line", "--report=text", "--report=json", "--report=none"};
	struct port_text port = run_port(net_unused_port(AF_INET));
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < suite_length(forms); i++) {
		run_command(&outcome, "", RUN_ARGS("connect", forms[i], "127.0.0.1", port.text));
		assert_int_equal(outcome.status, 3);
		assert_contains(outcome.err, "127.0.0.1");
		assert_contains(outcome.err, port.text);
		assert_contains(outcome.err, "Connection refused");
	}
}

static void it_is_told_once(void **state)
{
	static const char *const forms[] = {"--report=line", "--report=none"};
	struct port_text port = run_port(net_unused_port(AF_INET));
	struct outcome outcome;

	(void)state;
	for (size_t i = 0; i < suite_length(forms); i++) {
		run_command(&outcome, "", RUN_ARGS("connect", forms[i], "127.0.0.1", port.text));
		assert_int_equal(outcome.status, 3);
		/* One line. */
		assert_ptr_equal(strchr(outcome.err, '\n'), outcome.err + strlen(outcome.err) - 1);
	}
}

static void unreachable_addresses_are_named(void **state)
{
	(void)state;
	assert_not_connected(
		RUN_ARGS("connect", "192.0.2.1", "443"), "192.0.2.1", "Network is unreachable");
}

static void foreign_local_addresses_are_refused(void **state)
{
	(void)state;
	assert_not_connected(RUN_ARGS("connect", "--bind", "192.0.2.9", "127.0.0.1", "443"),
		"127.0.0.1", "Cannot assign requested address");
}

static void unknown_names_are_named(void **state)
{
	(void)state;
	assert_not_connected(
		RUN_ARGS("connect", "no-such-host.invalid", "443"), "no-such-host.invalid", "");
	assert_not_connected(RUN_ARGS("connect", "-6", "127.0.0.1", "443"), "127.0.0.1", "");
}

static void the_report_file_has_the_attempts(void **state)
{
	struct port_text port = run_port(net_unused_port(AF_INET));
	struct outcome outcome;
	char path[64];
	json_t *report;
	json_t *attempt;

	(void)state;
	run_path(path);
	run_command(&outcome, "",
		RUN_ARGS(
			"connect", "--report=none", "--report-file", path, "127.0.0.1", port.text));
	assert_int_equal(outcome.status, 3);
	report = run_json_file(path);
	attempt = json_array_get(json_object_get(report, "attempts"), 0);
	assert_string_equal(run_json_string(attempt, "address"), "127.0.0.1");
	assert_string_equal(run_json_string(attempt, "result"), "failed");
	assert_true(json_integer_value(json_object_get(attempt, "errno")) > 0);
	json_decref(report);
	run_remove(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_ports_are_named),
		cmocka_unit_test(every_form_of_report_tells_it),
		cmocka_unit_test(it_is_told_once),
		cmocka_unit_test(unreachable_addresses_are_named),
		cmocka_unit_test(foreign_local_addresses_are_refused),
		cmocka_unit_test(unknown_names_are_named),
		cmocka_unit_test(the_report_file_has_the_attempts),
	};

	return suite_run("no_connection_exits_3", tests, suite_length(tests));
}
