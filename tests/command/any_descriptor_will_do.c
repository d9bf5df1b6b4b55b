/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard input and output may be files, pipes, sockets or terminals, or not be there at all; and
 * those that are shared with others are left as they were. */
#include "command/converse.h"
#include "command/run.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "support/net.h"
#include "support/peer.h"
#include "support/suite.h"

#define CONNECT "connect", "-N", "--cafile", CERTS_DIR "/ca.pem"
#define SIZE	(UINT64_C(3) << 20)

struct echo {
	struct peer peer;
	struct port_text port;
};

static void start_echo(struct echo *echo)
{
	struct peer_options options = {.family = AF_INET};

	peer_start(&echo->peer, &options, peer_echo);
	echo->port = run_port(echo->peer.port);
}

static void start_command(struct run *run, int in, int out, const struct echo *echo)
{
	run_start(run, in, out, RUN_ARGS(CONNECT, "127.0.0.1", echo->port.text));
}

static int file_with_pattern(size_t size)
{
	int fd = run_file();
	char *data = malloc(size);

	assert_non_null(data);
	run_pattern(data, size, 0);
	assert_int_equal(pwrite(fd, data, size, 0), size);
	free(data);
	return fd;
}

static void assert_file_has_pattern(int fd, size_t size)
{
	char *data = malloc(size + 1);

	assert_non_null(data);
	assert_int_equal(pread(fd, data, size + 1, 0), size);
	assert_true(run_is_pattern(data, size, 0));
	free(data);
}

static void files(void **state)
{
	struct echo echo;
	struct run run;
	int in = file_with_pattern(SIZE);
	int out = run_file();

	(void)state;
	start_echo(&echo);
	start_command(&run, in, out, &echo);
	assert_int_equal(run_wait(&run), 0);
	assert_file_has_pattern(out, SIZE);
	close(in);
	close(out);
	peer_stop(&echo.peer);
}

/* A file that is appended to, as by >>, must not be written from its beginning. */
static void a_file_that_is_appended_to(void **state)
{
	struct echo echo;
	struct run run;
	char path[64];
	char text[32] = "";
	int out;

	(void)state;
	start_echo(&echo);
	run_path(path);
	out = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	assert_true(out >= 0);
	assert_int_equal(write(out, "before\n", 7), 7);
	start_command(&run, RUN_PIPE, out, &echo);
	run_send(&run, "after\n", 6);
	run_end_input(&run);
	assert_int_equal(run_wait(&run), 0);
	assert_int_equal(pread(out, text, sizeof(text) - 1, 0), 13);
	assert_string_equal(text, "before\nafter\n");
	close(out);
	run_remove(path);
	peer_stop(&echo.peer);
}

/* One socket as both, as socat or a super-server gives it. */
static void a_socket(void **state)
{
	struct echo echo;
	struct run run;
	int ends[2];

	(void)state;
	start_echo(&echo);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	start_command(&run, ends[1], ends[1], &echo);
	close(ends[1]);
	run.in = ends[0];
	run.out = ends[0];
	run_send(&run, "hello\n", 6);
	run_expect_output(&run, "hello\n", 6);
	assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
	run.out = -1;
	assert_int_equal(run_wait(&run), 0);
	peer_stop(&echo.peer);
}

static int make_terminal(int *ret_master)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios modes;
	int slave;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &modes), 0);
	modes.c_lflag &= ~(tcflag_t)ECHO;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	assert_int_equal(tcsetattr(slave, TCSANOW, &modes), 0);
	*ret_master = master;
	return slave;
}

static void a_terminal(void **state)
{
	struct echo echo;
	struct run run;
	int master;
	int slave = make_terminal(&master);

	(void)state;
	start_echo(&echo);
	start_command(&run, slave, slave, &echo);
	run.in = master;
	run.out = master;
	run_send(&run, "hello\n", 6);
	run_expect_output(&run, "hello\n", 6);
	run_send(&run, "\004", 1); /* the end of input */
	run.out = -1;
	assert_int_equal(run_wait(&run), 0);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
	close(slave);
	peer_stop(&echo.peer);
}

/* The master of a terminal is a terminal too, and must not be opened again. */
static void the_master_of_a_terminal(void **state)
{
	struct echo echo;
	struct run run;
	char text[8] = "";
	int master;
	int slave = make_terminal(&master);

	(void)state;
	start_echo(&echo);
	start_command(&run, RUN_PIPE, master, &echo);
	run_send(&run, "hello\n", 6);
	assert_int_equal(
		poll(&(struct pollfd){.fd = slave, .events = POLLIN}, 1, RUN_PATIENCE_MS), 1);
	assert_int_equal(read(slave, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "hello\n");
	run_end_input(&run);
	assert_int_equal(run_wait(&run), 0);
	close(slave);
	close(master);
	peer_stop(&echo.peer);
}

/* What others hold too stays blocking, while the command runs and afterwards. */
static void shared_pipes_stay_blocking(void **state)
{
	struct echo echo;
	struct run run;
	int in[2];
	int out[2];

	(void)state;
	start_echo(&echo);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	start_command(&run, in[0], out[1], &echo);
	run.in = in[1];
	run.out = out[0];
	run_send(&run, "hello\n", 6);
	run_expect_output(&run, "hello\n", 6);
	assert_int_equal(fcntl(in[0], F_GETFL), O_RDONLY);
	assert_int_equal(fcntl(out[1], F_GETFL), O_WRONLY);
	run_end_input(&run);
	assert_int_equal(run_wait(&run), 0);
	assert_int_equal(fcntl(in[0], F_GETFL), O_RDONLY);
	assert_int_equal(fcntl(out[1], F_GETFL), O_WRONLY);
	close(in[0]);
	close(out[1]);
	peer_stop(&echo.peer);
}

/* Its writer is gone before the command looks: there is nothing to wait for. */
static void a_fifo_without_a_writer(void **state)
{
	struct echo echo;
	struct run run;
	char path[64];
	int in;
	int writer;

	(void)state;
	start_echo(&echo);
	run_path(path);
	run_remove(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	writer = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(in >= 0 && writer >= 0);
	close(writer);
	start_command(&run, in, RUN_PIPE, &echo);
	assert_int_equal(run_wait(&run), 0);
	close(in);
	run_remove(path);
	peer_stop(&echo.peer);
}

static void no_standard_input_is_an_empty_one(void **state)
{
	struct echo echo;
	struct run run;

	(void)state;
	start_echo(&echo);
	start_command(&run, RUN_CLOSED, RUN_PIPE, &echo);
	assert_int_equal(run_wait(&run), 0);
	peer_stop(&echo.peer);
}

/* Were the socket to get the number of standard output, it would be written to. */
static void no_standard_output_loses_nothing_silently(void **state)
{
	struct echo echo;
	struct run run;

	(void)state;
	start_echo(&echo);
	start_command(&run, RUN_PIPE, RUN_CLOSED, &echo);
	run_send(&run, "hello\n", 6);
	assert_int_equal(run_wait(&run), 1);
	assert_contains(run.errors, "standard output: Bad file descriptor");

	start_command(&run, RUN_CLOSED, RUN_CLOSED, &echo);
	assert_int_equal(run_wait(&run), 0);
	peer_stop(&echo.peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(a_file_that_is_appended_to),
		cmocka_unit_test(a_socket),
		cmocka_unit_test(a_terminal),
		cmocka_unit_test(the_master_of_a_terminal),
		cmocka_unit_test(shared_pipes_stay_blocking),
		cmocka_unit_test(a_fifo_without_a_writer),
		cmocka_unit_test(no_standard_input_is_an_empty_one),
		cmocka_unit_test(no_standard_output_loses_nothing_silently),
	};

	return suite_run("any_descriptor_will_do", tests, suite_length(tests));
}
