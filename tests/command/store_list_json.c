/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "tlsfo store list --json" prints one JSON array with an object for each ticket, by host and port,
 * and escapes what a name may hold. */
#include "command/scene.h"

#include <stdlib.h>
#include <time.h>

#include "support/net.h"
#include "support/suite.h"

static void warm(struct scene *scene, const char *const *options)
{
	const char *args[16] = {"warm", "--store", scene->store, "--cafile", CERTS_DIR "/ca.pem"};
	struct outcome outcome;
	size_t count = 5;

	for (; *options != NULL; options++)
		args[count++] = *options;
	args[count++] = "127.0.0.1";
	args[count++] = scene->port.text;
	args[count] = NULL;
	run_command(&outcome, "", args);
	if (outcome.status != 0)
		fail_msg("status %d: %s", outcome.status, outcome.err);
}

static json_int_t number(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("\"%s\" is not a number", key);
	return json_integer_value(value);
}

static void a_ticket_is_an_object(void **state)
{
	json_int_t before = (json_int_t)time(NULL);
	struct scene scene;
	json_t *list;
	json_t *object;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	warm(&scene, (const char *const[]){NULL});
	list = scene_list(&scene);
	assert_int_equal(json_array_size(list), 2);
	object = json_array_get(list, 1);
	assert_string_equal(run_json_string(object, "host"), "127.0.0.1");
	assert_int_equal(number(object, "port"), scene.peer.port);
	assert_string_equal(run_json_string(object, "tls"), "TLS1.3");
	assert_true(json_is_null(json_object_get(object, "alpn")));
	assert_int_equal(number(object, "early_data_bytes"), 16384);
	assert_string_equal(run_json_string(object, "verified"), "127.0.0.1");
	assert_in_range(number(object, "received"), before, time(NULL));
	/* As long as GnuTLS's tickets last. */
	assert_int_equal(number(object, "expires") - number(object, "received"), 21600);
	assert_int_equal(json_object_size(object), 9);
	json_decref(list);
	scene_end(&scene);
}

static void what_was_not_verified_is_null(void **state)
{
	static const struct early_turn turn = {.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
	struct scene scene;
	json_t *list;

	(void)state;
	scene_begin(&scene, &turn, 1);
	warm(&scene, (const char *const[]){"--insecure", NULL});
	list = scene_list(&scene);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(run_json_string(json_array_get(list, 0), "tls"), "TLS1.2");
	assert_true(json_is_null(json_object_get(json_array_get(list, 0), "verified")));
	assert_int_equal(number(json_array_get(list, 0), "early_data_bytes"), 0);
	json_decref(list);
	scene_end(&scene);
}

/* Quotes, a backslash, control characters, and bytes that are not UTF-8 and so count as Latin-1. */
static void names_are_escaped(void **state)
{
	static const char alpn[] = "\"a\\\n\033\xc3\xa9\xff\"";
	struct outcome outcome;
	struct scene scene;
	json_t *list;

	(void)state;
	scene_begin_alpn(&scene, alpn);
	warm(&scene, (const char *const[]){"--alpn", alpn, NULL});
	list = scene_list(&scene);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(
		run_json_string(json_array_get(list, 0), "alpn"), "\"a\\\n\033\xc3\xa9\xc3\xbf\"");
	json_decref(list);
	/* The table must not steer a terminal. */
	run_command(&outcome, "", RUN_ARGS("store", "--store", scene.store, "list"));
	assert_null(strchr(outcome.out, '\033'));
	assert_contains(outcome.out, "  \"a\\?\?\xc3\xa9?\"  ");
	scene_end(&scene);
}

static void hosts_are_in_order(void **state)
{
	static const char *const hosts[] = {"localhost", "127.0.0.1", "ip4.test"};
	static const char *const sorted[] = {
		"127.0.0.1", "127.0.0.1", "ip4.test", "ip4.test", "localhost", "localhost"};
	struct outcome outcome;
	struct scene scene;
	json_t *list;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	for (size_t i = 0; i < suite_length(hosts); i++) {
		run_command(&outcome, "",
			RUN_ARGS("warm", "--insecure", "-4", "--store", scene.store, hosts[i],
				scene.port.text));
		assert_int_equal(outcome.status, 0);
	}
	list = scene_list(&scene);
	assert_int_equal(json_array_size(list), suite_length(sorted));
	for (size_t i = 0; i < suite_length(sorted); i++)
		assert_string_equal(run_json_string(json_array_get(list, i), "host"), sorted[i]);
	json_decref(list);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_is_an_object),
		cmocka_unit_test(what_was_not_verified_is_null),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(hosts_are_in_order),
	};

	net_need_names();
	return suite_run("store_list_json", tests, suite_length(tests));
}
