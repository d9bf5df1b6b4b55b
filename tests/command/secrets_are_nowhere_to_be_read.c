/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first data, the host's name and the store's key stand in no report, list or message, and in no
 * file that is kept; the files are their owner's alone. */
#include "command/scene.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/net.h"
#include "support/suite.h"

#define SECRET "password-is-swordfish\n"
#define HOST   "ip4.test"
#define KEY    32

static size_t files;
static const char *key_found; /* the path of a file as long as a key */

static bool holds(const unsigned char *data, size_t len, const char *text)
{
	return memmem(data, len, text, strlen(text)) != NULL;
}

static int look(const char *path, const struct stat *status, int type, struct FTW *at)
{
	static char key_path[256];
	unsigned char data[65536];
	int fd;
	ssize_t n;

	(void)at;
	if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		fail_msg("%s is open to others", path);
	/* The names below the directory that the test chose. */
	if (strstr(path, HOST) != NULL || strstr(path, "swordfish") != NULL)
		fail_msg("%s is telling", path);
	if (type != FTW_F)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, data, sizeof(data));
	close(fd);
	assert_true(n > 0);
	files++;
	if (holds(data, (size_t)n, HOST) || holds(data, (size_t)n, "swordfish"))
		fail_msg("%s is telling", path);
	if (n == KEY) {
		(void)snprintf(key_path, sizeof(key_path), "%s", path);
		key_found = key_path;
	}
	return 0;
}

static void assert_silent(const struct outcome *outcome, const unsigned char *key)
{
	assert_null(strstr(outcome->err, "swordfish"));
	assert_null(memmem(outcome->out, outcome->length, key, 4));
	assert_null(memmem(outcome->err, strlen(outcome->err), key, 4));
}

/* As bytes and in hexadecimal digits. */
static void assert_key_is_not_in(const struct outcome *outcome, const unsigned char *key)
{
	char digits[9];

	(void)snprintf(digits, sizeof(digits), "%02x%02x%02x%02x", key[0], key[1], key[2], key[3]);
	assert_null(strstr(outcome->out, digits));
	assert_null(strstr(outcome->err, digits));
	assert_silent(outcome, key);
}

static void visit(struct scene *scene, struct outcome *ret_outcome, const char *form)
{
	run_command(ret_outcome, SECRET,
		RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--servername=localhost",
			"--store", scene->store, "--early-data", form, HOST, scene->port.text));
	if (ret_outcome->status != 0)
		fail_msg("status %d: %s", ret_outcome->status, ret_outcome->err);
	assert_string_equal(ret_outcome->out, SECRET);
	(void)early_server_heard(&scene->peer);
}

static void read_key(unsigned char *ret_key)
{
	int fd;

	assert_non_null(key_found);
	fd = open(key_found, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, ret_key, KEY), KEY);
	close(fd);
}

static void nothing_is_told(void **state)
{
	static const char *const forms[] = {"--report=line", "--report=text", "--report=json"};
	unsigned char key[KEY];
	struct outcome outcome;
	struct scene scene;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	visit(&scene, &outcome, "--report=none");
	assert_int_equal(nftw(scene.store, look, 8, FTW_PHYS), 0);
	/* The key, two tickets and a path record. */
	assert_int_equal(files, 4);
	read_key(key);
	for (size_t i = 0; i < suite_length(forms); i++) {
		visit(&scene, &outcome, forms[i]);
		assert_contains(outcome.err, "accepted");
		assert_key_is_not_in(&outcome, key);
	}
	run_command(&outcome, "", RUN_ARGS("store", "--store", scene.store, "list"));
	assert_contains(outcome.out, HOST);
	assert_key_is_not_in(&outcome, key);
	run_command(&outcome, "", RUN_ARGS("store", "--store", scene.store, "list", "--json"));
	assert_key_is_not_in(&outcome, key);
	assert_int_equal(nftw(scene.store, look, 8, FTW_PHYS), 0);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told),
	};

	net_need_names();
	return suite_run("secrets_are_nowhere_to_be_read", tests, suite_length(tests));
}
