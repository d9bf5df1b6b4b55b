/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/probing.h"

#include <stdlib.h>

enum { PORT = 4433, PATIENCE_MS = 30000, TESTS_MAX = 12, MORE_MAX = 8 };

static void forget_found(struct probing *probing)
{
	json_decref(probing->found);
	probing->found = NULL;
}

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct probing));
	return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
	struct probing *probing = *state;

	forget_found(probing);
	if (probing->lab != NULL && probing->server > 0)
		lab_stop(probing->lab, probing->server);
	if (probing->nginx.dir[0] != '\0')
		program_stop(&probing->nginx);
	if (probing->lab != NULL)
		lab_leave(probing->lab);
	lab_free(probing->lab);
	free(probing);
	return 0;
}

int probing_run(const char *name, const struct CMUnitTest *tests, size_t count)
{
	struct CMUnitTest outer[TESTS_MAX];

	lab_free(lab_new_or_exit(NULL));
	program_widen_path();
	for (size_t i = 0; i < count && i < TESTS_MAX; i++) {
		outer[i] = tests[i];
		outer[i].setup_func = set_up;
		outer[i].teardown_func = tear_down;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests(name, outer, count, NULL, NULL) == 0 ? 0 : 1;
}

void probing_begin(struct probing *probing, const struct lab_options *options)
{
	assert_int_equal(lab_new(options, &probing->lab, NULL), 0);
}

void probing_server(struct probing *probing, const char *const *argv)
{
	assert_int_equal(
		lab_spawn(probing->lab, LAB_SERVER, argv, -1, -1, -1, &probing->server), 0);
	assert_int_equal(
		lab_wait_listen(probing->lab, LAB_SERVER, PORT, lab_deadline(PATIENCE_MS)), 0);
	assert_int_equal(lab_enter_client(probing->lab), 0);
}

void probing_nginx(struct probing *probing, const char *more)
{
	char conf[128];

	program_nginx_prepare(&probing->nginx, PORT, more, conf, sizeof(conf));
	const char *const argv[] = {
		"nginx", "-e", "/dev/null", "-p", probing->nginx.dir, "-c", conf, NULL};
	probing_server(probing, argv);
}

void probing_openssl(struct probing *probing, const char *const *more)
{
	enum { FIXED = 10 };
	const char *argv[FIXED + MORE_MAX + 1] = {"openssl", "s_server", "-quiet", "-rev",
		"-accept", PROBING_PORT, "-cert", CERTS_DIR "/server.pem", "-key",
		CERTS_DIR "/server-key.pem"};

	for (size_t i = 0; more[i] != NULL; i++) {
		assert_true(i < MORE_MAX);
		argv[FIXED + i] = more[i];
	}
	probing_server(probing, argv);
}

void probing_begin_nginx(struct probing *probing, const char *box)
{
	probing_begin(probing, NULL);
	if (box != NULL)
		assert_true(lab_add_box(probing->lab, box) >= 0);
	probing_nginx(probing, "ssl_early_data on;");
}

const json_t *probing_probe(
	struct probing *probing, const char *host, const char *option, const char *value)
{
	const char *args[9] = {"probe", "--json", "--cafile", CERTS_DIR "/ca.pem"};
	size_t count = 4;

	if (option != NULL)
		args[count++] = option;
	if (value != NULL)
		args[count++] = value;
	args[count++] = host;
	args[count] = PROBING_PORT;
	forget_found(probing);
	run_command(&probing->outcome, "must not be read", args);
	if (probing->outcome.status != 0)
		fail_msg("status %d: %s", probing->outcome.status, probing->outcome.err);
	assert_string_equal(probing->outcome.err, "");
	probing->found = run_json(probing->outcome.out);
	return probing->found;
}

static size_t columns(const char *line, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)line[i] & 0xc0) != 0x80;
	return count;
}

static void expect_columns(const char *text)
{
	for (const char *line = text; *line != '\0';) {
		size_t length = strcspn(line, "\n");

		if (columns(line, length) > 80)
			fail_msg("more than 80 columns: %.*s", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

void probing_probe_text(struct probing *probing, const char *host)
{
	run_command(&probing->outcome, "must not be read",
		RUN_ARGS("probe", "--cafile", CERTS_DIR "/ca.pem", host, PROBING_PORT));
	if (probing->outcome.status != 0)
		fail_msg("status %d: %s", probing->outcome.status, probing->outcome.err);
	assert_string_equal(probing->outcome.err, "");
	expect_columns(probing->outcome.out);
}

static const json_t *step(const json_t *from, const char *name)
{
	return json_is_array(from) ? json_array_get(from, strtoul(name, NULL, 10))
				   : json_object_get(from, name);
}

const json_t *probing_at(const struct probing *probing, const char *path)
{
	const json_t *at = probing->found;
	char names[128];
	char *rest = names;

	(void)snprintf(names, sizeof(names), "%s", path);
	for (const char *name = strtok_r(names, ".", &rest); at != NULL && name != NULL;
		name = strtok_r(NULL, ".", &rest))
		at = step(at, name);
	if (at == NULL)
		fail_msg("no %s in %s", path, probing->outcome.out);
	return at;
}

void probing_expect_text_at(const struct probing *probing, const char *path, const char *text,
	const char *file, int line)
{
	const char *found = json_string_value(probing_at(probing, path));

	if (text == NULL ? found == NULL : found != NULL && strcmp(found, text) == 0)
		return;
	print_error("%s is %s, not %s: %s\n", path, found != NULL ? found : "null",
		text != NULL ? text : "null", probing->outcome.out);
	_fail(file, line);
}

void probing_expect_number_at(
	const struct probing *probing, const char *path, int number, const char *file, int line)
{
	const json_t *found = probing_at(probing, path);

	if (number < 0 ? json_is_null(found)
		       : json_is_integer(found) && json_integer_value(found) == number)
		return;
	print_error("%s is not %d: %s\n", path, number, probing->outcome.out);
	_fail(file, line);
}

void probing_expect_true_at(
	const struct probing *probing, const char *path, bool truth, const char *file, int line)
{
	const json_t *found = probing_at(probing, path);

	if (truth ? json_is_true(found) : json_is_false(found))
		return;
	print_error("%s is not %s: %s\n", path, truth ? "true" : "false", probing->outcome.out);
	_fail(file, line);
}

const json_t *probing_change(const struct probing *probing, const char *what)
{
	const json_t *changes = probing_at(probing, "changes");

	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *change = json_array_get(changes, i);

		if (strcmp(run_json_string(change, "what"), what) == 0)
			return change;
	}
	return NULL;
}
