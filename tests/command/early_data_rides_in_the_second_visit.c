/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With --early-data the first visit sends its input as usual and brings a ticket; the input of the
 * second rides in the SYN. However it goes, the server gets it once. */
#include "command/scene.h"

#include "support/suite.h"

#define REQUEST "what is the time?\n"

/* A visit and what became of it. */
struct visit {
	json_t *report;
	struct early_heard heard;
};

static void visit(struct visit *visit, struct scene *scene, const char *input, const char *option)
{
	visit->report = scene_visit(scene, input, option, &visit->heard);
}

static void visit_once(struct scene *scene, const char *input, const char *option)
{
	struct visit first;

	visit(&first, scene, input, option);
	json_decref(first.report);
}

static void assert_early_data(const struct visit *visit, const char *word, size_t bytes)
{
	assert_string_equal(run_json_string(visit->report, "early_data"), word);
	assert_int_equal(
		json_integer_value(json_object_get(visit->report, "early_data_bytes")), bytes);
}

static void first_withheld_then_accepted_in_the_syn(void **state)
{
	struct scene scene;
	struct visit first;
	struct visit second;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	visit(&first, &scene, REQUEST, "--early-data");
	assert_early_data(&first, "withheld", 0);
	assert_int_equal(first.heard.early, 0);
	assert_false(first.heard.resumed);

	visit(&second, &scene, REQUEST, "--early-data");
	assert_early_data(&second, "accepted", strlen(REQUEST));
	assert_int_equal(second.heard.early, strlen(REQUEST));
	assert_true(second.heard.resumed);
	assert_true(json_is_true(json_object_get(second.report, "flight_in_syn")));
	assert_string_equal(run_json_string(second.report, "fast_open"), "acknowledged");
	json_decref(first.report);
	json_decref(second.report);
	scene_end(&scene);
}

static void nothing_leaves_early_unasked(void **state)
{
	struct scene scene;
	struct visit second;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	visit_once(&scene, REQUEST, "--fast-open=auto");
	visit(&second, &scene, REQUEST, "--fast-open=auto");
	assert_early_data(&second, "none", 0);
	assert_true(second.heard.resumed);
	assert_int_equal(second.heard.early, 0);
	json_decref(second.report);
	scene_end(&scene);
}

static void empty_input_is_no_early_data(void **state)
{
	struct scene scene;
	struct visit second;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	visit_once(&scene, "", "--early-data");
	visit(&second, &scene, "", "--early-data");
	assert_early_data(&second, "none", 0);
	assert_true(second.heard.resumed);
	json_decref(second.report);
	scene_end(&scene);
}

/* More than the ticket allows. */
static void more_than_allowed_is_withheld(void **state)
{
	static const struct early_turn turn = {.tickets = 2, .max_early_data = 8};
	struct scene scene;
	struct visit second;

	(void)state;
	scene_begin(&scene, &turn, 1);
	visit_once(&scene, REQUEST, "--early-data");
	visit(&second, &scene, REQUEST, "--early-data");
	assert_early_data(&second, "withheld", 0);
	assert_true(second.heard.resumed);
	assert_int_equal(second.heard.early, 0);
	json_decref(second.report);
	scene_end(&scene);
}

static void what_is_rejected_is_sent_again(void **state)
{
	static const struct early_turn turns[] = {
		{.tickets = 2, .max_early_data = 16384}, {.tickets = 2}};
	struct scene scene;
	struct visit second;

	(void)state;
	scene_begin(&scene, turns, suite_length(turns));
	visit_once(&scene, REQUEST, "--early-data");
	visit(&second, &scene, REQUEST, "--early-data");
	assert_early_data(&second, "rejected", strlen(REQUEST));
	assert_int_equal(second.heard.later, strlen(REQUEST));
	assert_true(json_is_null(json_object_get(second.report, "reconnected")));
	json_decref(second.report);
	scene_end(&scene);
}

/* The server has changed its mind about groups, so that it wants another ClientHello. */
static void a_retried_hello_connects_again(void **state)
{
	static const struct early_turn turns[] = {
		{.tickets = 2,
			.max_early_data = 16384,
			.priority = "NORMAL:-GROUP-ALL:+GROUP-X25519"},
		{.tickets = 2,
			.max_early_data = 16384,
			.priority = "NORMAL:-GROUP-ALL:+GROUP-SECP384R1"}};
	struct scene scene;
	struct visit second;

	(void)state;
	scene_begin(&scene, turns, suite_length(turns));
	visit_once(&scene, REQUEST, "--early-data");
	visit(&second, &scene, REQUEST, "--early-data");
	assert_string_equal(run_json_string(second.report, "reconnected"), "hello-retried");
	/* Which is about the second connection, like all the rest. */
	assert_early_data(&second, "withheld", 0);
	assert_int_equal(second.heard.later, strlen(REQUEST));
	json_decref(second.report);
	scene_end(&scene);
}

/* The server gives two tickets to the first visitor, and none to the others. */
static void the_last_ticket_is_told_of(void **state)
{
	static const struct early_turn turns[] = {
		{.tickets = 2, .max_early_data = 16384}, {.max_early_data = 16384}};
	static const char told[] = "no ticket is left";
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, turns, suite_length(turns));
	for (int i = 0; i < 3; i++) {
		run_command(&outcome, REQUEST,
			RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--store",
				scene.store, "--early-data", "127.0.0.1", scene.port.text));
		assert_int_equal(outcome.status, 0);
		(void)early_server_heard(&scene.peer);
		if (i < 2)
			assert_null(strstr(outcome.err, told));
	}
	assert_contains(outcome.err, "early data accepted");
	assert_contains(outcome.err, told);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_withheld_then_accepted_in_the_syn),
		cmocka_unit_test(nothing_leaves_early_unasked),
		cmocka_unit_test(empty_input_is_no_early_data),
		cmocka_unit_test(more_than_allowed_is_withheld),
		cmocka_unit_test(what_is_rejected_is_sent_again),
		cmocka_unit_test(a_retried_hello_connects_again),
		cmocka_unit_test(the_last_ticket_is_told_of),
	};

	return suite_run("early_data_rides_in_the_second_visit", tests, suite_length(tests));
}
