/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* However many tickets the server gives, "tlsfo warm" leaves at least as many as there were. */
#include "command/scene.h"

#include "support/suite.h"

static void warm(struct scene *scene, bool *ret_resumed)
{
	struct outcome outcome;

	run_command(&outcome, "",
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "--store", scene->store,
			"127.0.0.1", scene->port.text));
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	*ret_resumed = early_server_heard(&scene->peer).resumed;
}

static void none_is_used_up(void **state)
{
	static const struct early_turn turns[] = {
		{.tickets = 0},
		{.tickets = 2, .max_early_data = 16384},
		{.tickets = 0},
		{.tickets = 1, .max_early_data = 16384},
		{.tickets = 2, .max_early_data = 16384},
		{.tickets = 0},
		{.tickets = 1, .max_early_data = 16384},
		{.tickets = 4, .max_early_data = 16384},
	};
	/* At most four are kept. */
	static const size_t kept[] = {0, 2, 2, 3, 4, 4, 4, 4};
	struct scene scene;
	bool resumed;

	(void)state;
	_Static_assert(suite_length(turns) == suite_length(kept), "what is kept after each turn");
	scene_begin(&scene, turns, suite_length(turns));
	for (size_t i = 0; i < suite_length(turns); i++) {
		warm(&scene, &resumed);
		assert_false(resumed);
		assert_int_equal(scene_tickets(&scene), kept[i]);
	}
	scene_end(&scene);
}

/* The opposite: a visit uses one up. */
static void a_visit_uses_one_up(void **state)
{
	static const struct early_turn turns[] = {
		{.tickets = 2, .max_early_data = 16384}, {.tickets = 0, .max_early_data = 16384}};
	struct early_heard heard;
	struct scene scene;
	bool resumed;

	(void)state;
	scene_begin(&scene, turns, suite_length(turns));
	warm(&scene, &resumed);
	json_decref(scene_visit(&scene, "hello", "--early-data", &heard));
	assert_int_equal(heard.early, 5);
	assert_int_equal(scene_tickets(&scene), 1);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_used_up),
		cmocka_unit_test(a_visit_uses_one_up),
	};

	return suite_run("warm_never_shrinks_tickets", tests, suite_length(tests));
}
