/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/scene.h"

#include "support/suite.h"

const struct early_turn scene_turn = {.tickets = 2, .max_early_data = 16384};

static void begin(struct scene *scene, const struct early_options *options)
{
	*scene = (struct scene){.options = *options};
	early_server_start(&scene->peer, &scene->options);
	scene->port = run_port(scene->peer.port);
	run_directory(scene->store);
}

void scene_begin(struct scene *scene, const struct early_turn *turns, size_t count)
{
	const struct early_options options = {.turns = turns, .turn_count = count};

	begin(scene, &options);
}

void scene_begin_alpn(struct scene *scene, const char *alpn)
{
	const struct early_options options = {.turns = &scene_turn, .turn_count = 1, .alpn = alpn};

	begin(scene, &options);
}

void scene_end(struct scene *scene)
{
	run_remove_directory(scene->store);
	peer_stop(&scene->peer);
}

json_t *scene_visit(
	struct scene *scene, const char *input, const char *option, struct early_heard *ret_heard)
{
	struct outcome outcome;

	run_command(&outcome, input,
		RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--report=json",
			"--store", scene->store, option, "127.0.0.1", scene->port.text));
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
	assert_string_equal(outcome.out, input);
	*ret_heard = early_server_heard(&scene->peer);
	assert_int_equal(ret_heard->early + ret_heard->later, strlen(input));
	return run_json(outcome.err);
}

json_t *scene_list(const struct scene *scene)
{
	struct outcome outcome;
	json_t *list;

	run_command(&outcome, "", RUN_ARGS("store", "--store", scene->store, "list", "--json"));
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.err, "");
	list = run_json(outcome.out);
	assert_true(json_is_array(list));
	/* The tests that ask are about tickets. */
	for (size_t i = json_array_size(list); i > 0; i--)
		if (strcmp(run_json_string(json_array_get(list, i - 1), "kind"), "ticket") != 0)
			json_array_remove(list, i - 1);
	return list;
}

size_t scene_tickets(const struct scene *scene)
{
	json_t *list = scene_list(scene);
	size_t count = json_array_size(list);

	json_decref(list);
	return count;
}
