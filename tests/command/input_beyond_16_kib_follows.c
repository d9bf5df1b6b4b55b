/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The first 16384 bytes of a long input are early data; the rest follows as usual, nothing is lost,
 * doubled or out of order.
 */
#include "command/scene.h"

#include <unistd.h>

#include "support/suite.h"

#define EARLY 16384

static const size_t lengths[] = {EARLY - 1, EARLY, EARLY + 1, 60000};

/* A file with the first @len bytes of the pattern, to be read from its beginning. */
static int make_input(size_t len)
{
	unsigned char data[EARLY_SERVER_ROOM];
	int file = run_file();

	run_pattern(data, len, 0);
	assert_int_equal(write(file, data, len), len);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	return file;
}

static struct early_heard visit(struct scene *scene, size_t len)
{
	unsigned char data[EARLY_SERVER_ROOM];
	struct early_heard heard;
	struct run run;
	int in = make_input(len);
	int out = run_file();

	run_start(&run, in, out,
		RUN_ARGS("connect", "-N", "--cafile", CERTS_DIR "/ca.pem", "--store", scene->store,
			"--early-data", "127.0.0.1", scene->port.text));
	close(in);
	heard = early_server_heard(&scene->peer);
	if (run_wait(&run) != 0)
		fail_msg("%s", run.errors);
	assert_int_equal(pread(out, data, sizeof(data), 0), len);
	assert_true(run_is_pattern(data, len, 0));
	close(out);
	return heard;
}

static void the_rest_follows(void **state)
{
	struct scene scene;
	struct early_heard heard;

	(void)state;
	scene_begin(&scene, &scene_turn, 1);
	heard = visit(&scene, 60000);
	assert_int_equal(heard.early, 0);
	assert_int_equal(heard.later, 60000);
	for (size_t i = 0; i < suite_length(lengths); i++) {
		size_t early = lengths[i] < EARLY ? lengths[i] : EARLY;

		heard = visit(&scene, lengths[i]);
		assert_int_equal(heard.early, early);
		assert_int_equal(heard.later, lengths[i] - early);
	}
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_follows),
	};

	return suite_run("input_beyond_16_kib_follows", tests, suite_length(tests));
}
