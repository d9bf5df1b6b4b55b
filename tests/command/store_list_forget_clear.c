/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo store" shows the tickets and path records that are kept, and removes those of a host, of a port,
 * or all; it says how many, and makes no directory. */
#include "command/scene.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/net.h"
#include "support/suite.h"

#define STORE(scene, ...) RUN_ARGS("store", "--store", (scene)->store, __VA_ARGS__)

static const struct early_turn one_ticket = {.tickets = 1, .max_early_data = 16384};

static void assert_prints(const char *text, const char *const *args)
{
	struct outcome outcome;

	run_command(&outcome, "", args);
	assert_string_equal(outcome.err, "");
	assert_string_equal(outcome.out, text);
	assert_int_equal(outcome.status, 0);
}

/* One ticket for each name of the server. */
static void keep(struct scene *scene, const char *const *hosts, const char *option)
{
	struct outcome outcome;

	for (; *hosts != NULL; hosts++) {
		run_command(&outcome, "",
			RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", option, "--store",
				scene->store, "-4", *hosts, scene->port.text));
		if (outcome.status != 0)
			fail_msg("status %d: %s", outcome.status, outcome.err);
	}
}

static void the_list_is_a_table(void **state)
{
	char parts[2][128];
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &one_ticket, 1);
	keep(&scene, (const char *const[]){"localhost", "127.0.0.1", NULL},
		"--servername=localhost");
	keep(&scene, (const char *const[]){"localhost", NULL}, "--insecure");
	run_command(&outcome, "", STORE(&scene, "list"));
	assert_int_equal(outcome.status, 0);
	assert_int_equal(strncmp(outcome.out,
				 "HOST       PORT   TLS     ALPN  EARLY-DATA  AGE  EXPIRES-IN  "
				 "VERIFIED\n"
				 "127.0.0.1  ",
				 80),
		0);
	(void)snprintf(parts[0], sizeof(parts[0]), "\n127.0.0.1  %s  TLS1.3  -     16384 ",
		scene.port.text);
	(void)snprintf(parts[1], sizeof(parts[1]), "\nlocalhost  %s  TLS1.3  -     16384 ",
		scene.port.text);
	assert_contains(outcome.out, parts[0]);
	assert_contains(outcome.out, parts[1]);
	assert_contains(outcome.out, "  6h          localhost\n");
	/* After the tickets, what is known of paths. */
	assert_contains(outcome.out, "\n\nHOST       PORT   KIND  ADDRESS    RTT");
	(void)snprintf(
		parts[0], sizeof(parts[0]), "\nlocalhost  %s  host  127.0.0.1  ", scene.port.text);
	assert_contains(outcome.out, parts[0]);
	assert_contains(outcome.out, "  6h          -\n");
	scene_end(&scene);
}

static void a_host_is_forgotten(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, &one_ticket, 1);
	keep(&scene,
		(const char *const[]){"localhost", "LOCALHOST", "localhost.", "127.0.0.1", NULL},
		"--servername=localhost");
	assert_int_equal(scene_tickets(&scene), 4);
	assert_prints("0 entries removed\n", STORE(&scene, "forget", "elsewhere"));
	assert_prints("0 entries removed\n", STORE(&scene, "forget", "localhost", "1"));
	assert_prints("0 entries removed\n", STORE(&scene, "forget", "localhost", "https"));
	assert_prints(
		"2 entries removed\n", STORE(&scene, "forget", "[127.0.0.1]", scene.port.text));
	assert_int_equal(scene_tickets(&scene), 3);
	assert_prints("4 entries removed\n", STORE(&scene, "forget", "Localhost."));
	assert_int_equal(scene_tickets(&scene), 0);
	assert_prints("0 entries removed\n", STORE(&scene, "forget", "localhost"));
	scene_end(&scene);
}

static void all_is_cleared(void **state)
{
	struct early_heard heard;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &one_ticket, 1);
	keep(&scene, (const char *const[]){"127.0.0.1", "localhost", NULL}, "--insecure");
	assert_prints("4 entries removed\n", STORE(&scene, "clear"));
	assert_prints("", STORE(&scene, "list"));
	assert_prints("[]\n", STORE(&scene, "list", "--json"));
	assert_prints("0 entries removed\n", STORE(&scene, "clear"));
	/* It is still a store. */
	for (int i = 0; i < 2; i++)
		(void)early_server_heard(&scene.peer);
	json_decref(scene_visit(&scene, "hello", "--fast-open=auto", &heard));
	assert_int_equal(scene_tickets(&scene), 1);
	scene_end(&scene);
}

static void what_is_not_there_is_empty_and_stays_away(void **state)
{
	char directory[64];
	char path[128];

	(void)state;
	run_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/not/there", directory);
	assert_prints("", RUN_ARGS("store", "list", "--store", path));
	assert_prints("[]\n", RUN_ARGS("store", "list", "--json", "--store", path));
	assert_prints("0 entries removed\n", RUN_ARGS("store", "forget", "host", "--store", path));
	assert_prints("0 entries removed\n", RUN_ARGS("store", "clear", "--store", path));
	assert_int_equal(rmdir(directory), 0);
}

/* Whatever else is in it. */
static void a_directory_without_a_store_gets_none(void **state)
{
	char directory[64];
	char path[128];

	(void)state;
	run_directory(directory);
	(void)snprintf(path, sizeof(path), "%s/mine", directory);
	for (int i = 0; i < 2; i++) {
		assert_prints("", RUN_ARGS("store", "list", "--store", directory));
		assert_prints("0 entries removed\n",
			RUN_ARGS("store", "forget", "host", "--store", directory));
		assert_prints(
			"0 entries removed\n", RUN_ARGS("store", "clear", "--store", directory));
		assert_int_equal(i == 0 ? mkdir(path, 0700) : rmdir(path), 0);
	}
	assert_int_equal(rmdir(directory), 0);
}

static void the_default_store_is_shown(void **state)
{
	char variable[128];
	const char *const environment[] = {variable, NULL};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &one_ticket, 1);
	(void)snprintf(variable, sizeof(variable), "XDG_STATE_HOME=%s", scene.store);
	run_command_in(&outcome, "", environment,
		RUN_ARGS("warm", "--cafile", CERTS_DIR "/ca.pem", "127.0.0.1", scene.port.text));
	assert_int_equal(outcome.status, 0);
	run_command_in(&outcome, "", environment, RUN_ARGS("store", "list"));
	assert_contains(outcome.out, "127.0.0.1");
	run_command_in(&outcome, "", environment, RUN_ARGS("store", "clear"));
	assert_string_equal(outcome.out, "2 entries removed\n");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_a_table),
		cmocka_unit_test(a_host_is_forgotten),
		cmocka_unit_test(all_is_cleared),
		cmocka_unit_test(what_is_not_there_is_empty_and_stays_away),
		cmocka_unit_test(a_directory_without_a_store_gets_none),
		cmocka_unit_test(the_default_store_is_shown),
	};

	net_need_names();
	return suite_run("store_list_forget_clear", tests, suite_length(tests));
}
