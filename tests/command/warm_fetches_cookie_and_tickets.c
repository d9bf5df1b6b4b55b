/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo warm" fetches cookie and tickets, so that the first request rides in the SYN; a line for each
 * port tells what there is, and the first failure decides the status. */
#include "command/scene.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "support/net.h"
#include "support/suite.h"

#define REQUEST "what is the time?\n"

static void warm(struct outcome *outcome, const struct scene *scene, const char *port)
{
	run_command(outcome, "must not be read",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "--store", scene->store,
			"127.0.0.1", port, scene->port.text));
}

static void the_first_request_rides_in_the_syn(void **state)
{
	struct early_heard heard;
	struct outcome outcome;
	struct scene scene;
	json_t *report;
	char line[128];

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	run_command(&outcome, "must not be read",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "--store", scene.store,
			"127.0.0.1", scene.port.text));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.err, "");
	(void)snprintf(line, sizeof(line),
		"127.0.0.1 port %s: cookie known, 2 tickets got, 2 kept, 16384 bytes of early "
		"data\n",
		scene.port.text);
	assert_string_equal(outcome.out, line);
	heard = early_server_heard(&scene.peer);
	assert_int_equal(heard.early + heard.later, 0);

	report = scene_visit(&scene, REQUEST, "--early-data", &heard);
	assert_string_equal(run_json_string(report, "early_data"), "accepted");
	assert_true(json_is_true(json_object_get(report, "flight_in_syn")));
	json_decref(report);
	scene_end(&scene);
}

static void what_is_not_given_is_told(void **state)
{
	static const struct early_turn turn = {.tickets = 1};
	static const struct early_turn none = {.tickets = 0};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	net_set_fastopen(NET_FASTOPEN_CLIENT);
	scene_begin(&scene, &turn, 1);
	warm(&outcome, &scene, scene.port.text);
	assert_int_equal(outcome.status, 0);
	assert_contains(outcome.out, ": cookie not given, 1 ticket got, 1 kept, no early data\n");
	assert_contains(outcome.out, ": cookie not given, 1 ticket got, 2 kept, no early data\n");
	scene_end(&scene);

	scene_begin(&scene, &none, 1);
	warm(&outcome, &scene, scene.port.text);
	assert_int_equal(outcome.status, 0);
	assert_contains(
		outcome.out, ": cookie not given, 0 tickets got, none kept, no early data\n");
	scene_end(&scene);

	net_set_fastopen(0);
	scene_begin(&scene, &none, 1);
	warm(&outcome, &scene, scene.port.text);
	assert_contains(outcome.out, ": no cookie (fast open unavailable here), ");
	scene_end(&scene);
}

/* TLS 1.2 is started early (RFC 7918), so that the ticket comes after connecting is done; TLS 1.1 is not. */
static void sessions_of_older_versions_are_kept(void **state)
{
	static const char *const priorities[] = {
		"NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.1"};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < suite_length(priorities); i++) {
		const struct early_turn turn = {.priority = priorities[i]};

		scene_begin(&scene, &turn, 1);
		run_command(&outcome, "",
			RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "--store", scene.store,
				"--priority", priorities[i], "127.0.0.1", scene.port.text));
		if (outcome.status != 0)
			fail_msg("%s", outcome.err);
		assert_contains(
			outcome.out, ": cookie known, 1 ticket got, 1 kept, no early data\n");
		scene_end(&scene);
	}
}

static void the_others_are_tried_all_the_same(void **state)
{
	struct port_text closed;
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	closed = run_port(net_unused_port(AF_INET));
	warm(&outcome, &scene, closed.text);
	assert_int_equal(outcome.status, 3);
	assert_contains(outcome.err, "127.0.0.1");
	assert_contains(outcome.err, closed.text);
	assert_contains(outcome.err, "Connection refused");
	assert_contains(outcome.out, ": cookie known, 2 tickets got, 2 kept, ");
	scene_end(&scene);
}

/* Certificates, then no connection: the statuses are those of connect. */
static void the_first_failure_decides(void **state)
{
	struct port_text closed;
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	closed = run_port(net_unused_port(AF_INET));
	run_command(&outcome, "",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/unknown-ca.pem", "127.0.0.1",
			scene.port.text, closed.text));
	assert_int_equal(outcome.status, 4);
	assert_string_equal(outcome.out, "");
	run_command(&outcome, "",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/unknown-ca.pem", "127.0.0.1", closed.text,
			scene.port.text));
	assert_int_equal(outcome.status, 3);
	scene_end(&scene);
}

static void reports_are_written_when_wanted(void **state)
{
	struct outcome outcome;
	struct scene scene;
	json_t *report;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	run_command(&outcome, "",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "--report=json", "127.0.0.1",
			scene.port.text));
	assert_int_equal(outcome.status, 0);
	report = run_json(outcome.err);
	assert_string_equal(run_json_string(report, "early_data"), "none");
	json_decref(report);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_request_rides_in_the_syn),
		cmocka_unit_test(what_is_not_given_is_told),
		cmocka_unit_test(sessions_of_older_versions_are_kept),
		cmocka_unit_test(the_others_are_tried_all_the_same),
		cmocka_unit_test(the_first_failure_decides),
		cmocka_unit_test(reports_are_written_when_wanted),
	};

	return suite_run("warm_fetches_cookie_and_tickets", tests, suite_length(tests));
}
