/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The report goes to standard error in the form asked for, and as JSON to a file, whole and without
 * harm to what stood there. */
#include "command/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define NOBODY	65534
#define CONNECT "connect", "-N", "--cafile", CERTS_DIR "/ca.pem"

struct scene {
	struct peer peer;
	struct port_text port;
	char dir[32];
	char path[64]; /* of nothing, in dir */
};

static void set_scene(struct scene *scene)
{
	struct peer_options options = {.family = AF_INET};

	peer_start(&scene->peer, &options, peer_echo);
	scene->port = run_port(scene->peer.port);
	(void)strcpy(scene->dir, "/tmp/tlsfo-test-XXXXXX");
	assert_non_null(mkdtemp(scene->dir));
	(void)snprintf(scene->path, sizeof(scene->path), "%s/report", scene->dir);
}

/* Fails when something was left behind. */
static void clear_scene(struct scene *scene)
{
	if (unlink(scene->path) != 0)
		assert_int_equal(errno, ENOENT);
	assert_int_equal(rmdir(scene->dir), 0);
	peer_stop(&scene->peer);
}

static void run(
	struct outcome *outcome, const struct scene *scene, const char *form, const char *file)
{
	run_command(outcome, "hello\n",
		RUN_ARGS(CONNECT, form, "--report-file", file, "127.0.0.1", scene->port.text));
	assert_int_equal(outcome->status, 0);
}

static void assert_is_report(json_t *report)
{
	assert_int_equal(json_integer_value(json_object_get(report, "version")), 1);
	assert_string_equal(run_json_string(report, "host"), "127.0.0.1");
	assert_string_equal(run_json_string(report, "engine"), "socket");
	assert_true(json_is_true(json_object_get(report, "verified")));
	json_decref(report);
}

static void forms_differ(void **state)
{
	struct outcome outcome;
	struct scene scene;
	size_t newlines = 0;

	(void)state;
	set_scene(&scene);
	run(&outcome, &scene, "--report=line", "/dev/null");
	assert_int_equal(strncmp(outcome.err, "tlsfo: 127.0.0.1", 16), 0);
	assert_ptr_equal(strchr(outcome.err, '\n'), outcome.err + strlen(outcome.err) - 1);

	run(&outcome, &scene, "--report=text", "/dev/null");
	for (const char *at = outcome.err; (at = strchr(at, '\n')) != NULL; at++)
		newlines++;
	assert_in_range(newlines, 4, 40);

	run(&outcome, &scene, "--report=none", "/dev/null");
	assert_string_equal(outcome.err, "");
	clear_scene(&scene);
}

static void line_is_the_default(void **state)
{
	struct outcome outcome;
	struct scene scene;

	(void)state;
	set_scene(&scene);
	run_command(&outcome, "", RUN_ARGS(CONNECT, "127.0.0.1", scene.port.text));
	assert_int_equal(strncmp(outcome.err, "tlsfo: 127.0.0.1", 16), 0);
	assert_ptr_equal(strchr(outcome.err, '\n'), outcome.err + strlen(outcome.err) - 1);
	clear_scene(&scene);
}

static void json_on_standard_error_is_json_alone(void **state)
{
	struct outcome outcome;
	struct scene scene;

	(void)state;
	set_scene(&scene);
	run(&outcome, &scene, "--report=json", "/dev/null");
	assert_is_report(run_json(outcome.err));
	clear_scene(&scene);
}

static void a_new_file_is_made(void **state)
{
	struct outcome outcome;
	struct scene scene;
	struct stat status;
	mode_t mask = umask(027);

	(void)state;
	set_scene(&scene);
	run(&outcome, &scene, "--report=none", scene.path);
	(void)umask(mask);
	assert_is_report(run_json_file(scene.path));
	assert_int_equal(stat(scene.path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0640);
	clear_scene(&scene);
}

/* The old file may be another user's, set-user-ID, and open and mapped by him: none of it comes with
 * the report, and who has the old file keeps the old content. */
static void an_old_file_gives_nothing_to_the_report(void **state)
{
	struct outcome outcome;
	struct scene scene;
	struct stat status;
	mode_t mask = umask(022);
	char *mapped;
	int old;

	(void)state;
	set_scene(&scene);
	old = open(scene.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(old >= 0);
	assert_int_equal(write(old, "old", 3), 3);
	/* Only root can give a file away, and not in a namespace that has no other user. */
	if (fchown(old, NOBODY, NOBODY) < 0)
		print_message("# the old file is this user's own\n");
	assert_int_equal(fchmod(old, 06777), 0);
	mapped = mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, old, 0);
	assert_ptr_not_equal(mapped, MAP_FAILED);
	run(&outcome, &scene, "--report=none", scene.path);
	assert_memory_equal(mapped, "old", 3);
	mapped[0] = '!';
	assert_int_equal(munmap(mapped, 3), 0);
	close(old);
	(void)umask(mask);
	assert_is_report(run_json_file(scene.path));
	assert_int_equal(stat(scene.path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0644);
	assert_int_equal(status.st_uid, geteuid());
	clear_scene(&scene);
}

static void standard_error_has_names(void **state)
{
	static const char *const names[] = {"/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"};
	struct outcome outcome;
	struct scene scene;

	(void)state;
	set_scene(&scene);
	for (size_t i = 0; i < suite_length(names); i++) {
		run(&outcome, &scene, "--report=line", names[i]);
		/* Standard error is a file here: the line stays and the object follows it. */
		assert_int_equal(strncmp(outcome.err, "tlsfo: ", 7), 0);
		assert_is_report(run_json(strchr(outcome.err, '\n') + 1));
	}
	clear_scene(&scene);
}

static void standard_output_may_be_it(void **state)
{
	struct outcome outcome;
	struct scene scene;
	char *end;

	(void)state;
	set_scene(&scene);
	run(&outcome, &scene, "--report=none", "/dev/stdout");
	end = strchr(outcome.out, '\n');
	assert_non_null(end);
	assert_string_equal(end, "\nhello\n");
	*end = '\0';
	assert_is_report(run_json(outcome.out));
	clear_scene(&scene);
}

static void symbolic_links_stay(void **state)
{
	struct outcome outcome;
	struct scene scene;
	struct stat status;
	char target[64];

	(void)state;
	set_scene(&scene);
	run_path(target);
	assert_int_equal(symlink(target, scene.path), 0);
	run(&outcome, &scene, "--report=none", scene.path);
	assert_int_equal(lstat(scene.path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_is_report(run_json_file(target));
	run_remove(target);
	clear_scene(&scene);
}

static void symbolic_links_of_others_are_not_followed(void **state)
{
	struct outcome outcome;
	struct scene scene;
	char target[64];
	char text[8] = "";
	int fd;

	(void)state;
	set_scene(&scene);
	run_path(target);
	fd = open(target, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mine", 4), 4);
	assert_int_equal(symlink(target, scene.path), 0);
	if (lchown(scene.path, NOBODY, NOBODY) == 0) {
		run_command(&outcome, "",
			RUN_ARGS(CONNECT, "--report-file", scene.path, "127.0.0.1",
				scene.port.text));
		assert_int_equal(outcome.status, 2);
		assert_contains(outcome.err, "is a symbolic link of another user");
		assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), 4);
		assert_string_equal(text, "mine");
	} else {
		print_message("# not asked: there is no other user here\n");
	}
	close(fd);
	run_remove(target);
	clear_scene(&scene);
}

static void assert_refused(const struct scene *scene, const char *fault)
{
	struct outcome outcome;

	run_command(&outcome, "",
		RUN_ARGS(CONNECT, "--report-file", scene->path, "127.0.0.1", scene->port.text));
	assert_int_equal(outcome.status, 2);
	assert_contains(outcome.err, fault);
}

static void a_fifo_of_another_is_not_written_to(void **state)
{
	struct scene scene;
	char text[8];
	int reader;

	(void)state;
	set_scene(&scene);
	assert_int_equal(mkfifo(scene.path, 0666), 0);
	reader = open(scene.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	if (chown(scene.path, NOBODY, NOBODY) == 0) {
		assert_refused(&scene, "it is a pipe of another user");
		assert_int_equal(read(reader, text, sizeof(text)), 0);
	} else {
		print_message("# not asked: there is no other user here\n");
	}
	close(reader);
	clear_scene(&scene);
}

static void a_link_to_a_file_of_another_is_not_followed(void **state)
{
	struct scene scene;
	char target[64];
	char text[8] = "";
	int fd;

	(void)state;
	set_scene(&scene);
	run_path(target);
	fd = open(target, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "his", 3), 3);
	assert_int_equal(symlink(target, scene.path), 0);
	if (fchown(fd, NOBODY, NOBODY) == 0) {
		assert_refused(&scene, "it leads to a file of another user");
		assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), 3);
		assert_string_equal(text, "his");
	} else {
		print_message("# not asked: there is no other user here\n");
	}
	close(fd);
	run_remove(target);
	clear_scene(&scene);
}

static void a_fifo_is_written_to(void **state)
{
	struct outcome outcome;
	struct scene scene;
	char text[8192] = "";
	int reader;

	(void)state;
	set_scene(&scene);
	assert_int_equal(mkfifo(scene.path, 0600), 0);
	reader = open(scene.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	run(&outcome, &scene, "--report=none", scene.path);
	assert_true(read(reader, text, sizeof(text) - 1) > 0);
	assert_is_report(run_json(text));
	close(reader);
	clear_scene(&scene);
}

static void converse_without_the_report(
	struct outcome *outcome, const struct scene *scene, const char *fault)
{
	run_command(outcome, "hello\n",
		RUN_ARGS(CONNECT, "--timeout", "20", "--report-file", scene->path, "127.0.0.1",
			scene->port.text));
	assert_int_equal(outcome->status, 1);
	assert_contains(outcome->err, fault);
	assert_string_equal(outcome->out, "hello\n");
}

/* It would be waited for, by open(2) or by write(2), for as long as nobody reads. */
static void a_fifo_that_nobody_reads_is_not_waited_for(void **state)
{
	static const char zeros[4096];
	struct outcome outcome;
	struct scene scene;
	int reader;
	int writer;

	(void)state;
	set_scene(&scene);
	assert_int_equal(mkfifo(scene.path, 0600), 0);
	converse_without_the_report(&outcome, &scene, "nobody has it open for reading");
	reader = open(scene.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	writer = open(scene.path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0 && writer >= 0);
	while (write(writer, zeros, sizeof(zeros)) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	converse_without_the_report(&outcome, &scene, "it is full and nobody reads from it");
	close(reader);
	close(writer);
	clear_scene(&scene);
}

/* It blocks, as the pipes of a shell do. */
static void full_standard_output_is_not_waited_for(void **state)
{
	static const char zeros[4096];
	struct scene scene;
	struct run run;
	int full[2];

	(void)state;
	set_scene(&scene);
	assert_int_equal(pipe2(full, O_NONBLOCK | O_CLOEXEC), 0);
	while (write(full[1], zeros, sizeof(zeros)) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(fcntl(full[1], F_SETFL, 0), 0);
	run_start(&run, RUN_PIPE, full[1],
		RUN_ARGS(CONNECT, "--report-file", "/dev/stdout", "127.0.0.1", scene.port.text));
	run_end_input(&run);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "it is full and nobody reads from it");
	close(full[0]);
	close(full[1]);
	clear_scene(&scene);
}

/* The conversation is had, but the status tells. */
static void a_file_that_cannot_be_written_is_1(void **state)
{
	struct outcome outcome;
	struct scene scene;

	(void)state;
	set_scene(&scene);
	run_command(&outcome, "hello\n",
		RUN_ARGS(CONNECT, "--report-file", "/dev/full", "127.0.0.1", scene.port.text));
	assert_int_equal(outcome.status, 1);
	assert_contains(outcome.err, "--report-file: /dev/full: No space left on device");
	assert_string_equal(outcome.out, "hello\n");
	clear_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_differ),
		cmocka_unit_test(line_is_the_default),
		cmocka_unit_test(json_on_standard_error_is_json_alone),
		cmocka_unit_test(a_new_file_is_made),
		cmocka_unit_test(an_old_file_gives_nothing_to_the_report),
		cmocka_unit_test(standard_error_has_names),
		cmocka_unit_test(standard_output_may_be_it),
		cmocka_unit_test(symbolic_links_stay),
		cmocka_unit_test(symbolic_links_of_others_are_not_followed),
		cmocka_unit_test(a_fifo_of_another_is_not_written_to),
		cmocka_unit_test(a_link_to_a_file_of_another_is_not_followed),
		cmocka_unit_test(a_fifo_is_written_to),
		cmocka_unit_test(a_fifo_that_nobody_reads_is_not_waited_for),
		cmocka_unit_test(full_standard_output_is_not_waited_for),
		cmocka_unit_test(a_file_that_cannot_be_written_is_1),
	};

	return suite_run("reports_are_written", tests, suite_length(tests));
}
