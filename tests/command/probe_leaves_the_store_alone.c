/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo probe" neither uses nor changes what "tlsfo connect" keeps: not the tickets, and not what is
 * remembered of paths, which would hide what the path does now. */
#include "command/probing.h"

static void connect_twice_in(struct probing *probing, const char *const *environment)
{
	for (int i = 0; i < 2; i++) {
		run_command_in(&probing->outcome, "GET / HTTP/1.0\r\n\r\n", environment,
			RUN_ARGS("connect", "--cafile", CERTS_DIR "/ca.pem", "server4.test",
				PROBING_PORT));
		assert_int_equal(probing->outcome.status, 0);
	}
}

static json_t *list(struct probing *probing, const char *const *environment)
{
	run_command_in(&probing->outcome, "", environment, RUN_ARGS("store", "list", "--json"));
	assert_int_equal(probing->outcome.status, 0);
	return run_json(probing->outcome.out);
}

static void tickets_and_path_memory_stay(void **state)
{
	struct probing *probing = *state;
	char directory[64];
	char variable[96];
	json_t *before;
	json_t *after;
	int box;

	run_directory(directory);
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s", directory);
	const char *const environment[] = {variable, NULL};

	probing_begin_nginx(probing, NULL);
	box = lab_add_box(probing->lab, "drop-syn-data");
	connect_twice_in(probing, environment);
	before = list(probing, environment);
	assert_true(json_array_size(before) > 2);
	/* The memory is against fast open here, and the path is well again. */
	assert_int_equal(lab_switch_box(probing->lab, box, false), 0);
	run_command_in(&probing->outcome, "", environment,
		RUN_ARGS("probe", "--cafile", CERTS_DIR "/ca.pem", "server4.test", PROBING_PORT));
	assert_int_equal(probing->outcome.status, 0);
	assert_contains(probing->outcome.out, "fast open works");
	after = list(probing, environment);
	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	run_remove_directory(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tickets_and_path_memory_stay),
	};

	program_need("nginx");
	return probing_run("probe_leaves_the_store_alone", tests, suite_length(tests));
}
