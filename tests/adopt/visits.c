/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Visits a server with a program that nobody here wrote, some times one after the other, on a wire of the lab:
 *
 *	adopt-visits DIRECTORY [OPTION]... -- [SERVER [ARGUMENT]...] -- CLIENT [ARGUMENT]...
 *
 *	--port N         the server listens there
 *	--record N       the answer is the server's first record that is so long (lab_trace_first_response())
 *	--visits N       so many (1)
 *	--box NAME       a middlebox, from the second visit on
 *	--input FILE     the client's standard input
 *	--stop-server    after the first visit nobody listens any more
 *	--interrupt      SIGINT some moments after the client's first SYN
 *	--ladder         draws the packets of each visit on standard error
 *
 * tools/adopt asks for it. The client's output is left in DIRECTORY/out.N, its errors in DIRECTORY/err.N. One line for
 * each visit has: its number; the exit status; milliseconds from the start, or from the signal, to the end; round trips
 * from the first SYN to the answer; the connections that were opened; 1 where the SYN of one carried data that was
 * acknowledged, else 0. "-" stands for what there is not: a client that had to be killed has no exit status.
 */

#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RTT_MS = 50, PATH_SIZE = 512 };
enum { LISTEN_MS = 30000, VISIT_MS = 20000, SETTLE_MS = 2000, IDLE_MS = 200, INTERRUPT_MS = 400 };

struct task {
	struct lab *lab;
	const char *directory;
	const char *const *server; /* empty: none */
	const char *const *client;
	uint16_t port;
	size_t record;
	int visits;
	const char *box;
	const char *input;
	bool stop_server;
	bool interrupt;
	bool ladder;
};

static const struct option long_options[] = {
	{"port", required_argument, NULL, 'p'},
	{"record", required_argument, NULL, 'r'},
	{"visits", required_argument, NULL, 'v'},
	{"box", required_argument, NULL, 'b'},
	{"input", required_argument, NULL, 'i'},
	{"stop-server", no_argument, NULL, 's'},
	{"interrupt", no_argument, NULL, 'c'},
	{"ladder", no_argument, NULL, 'l'},
	{NULL, 0, NULL, 0},
};

static bool read_option(int option, struct task *task)
{
	switch (option) {
	case 'p':
		task->port = (uint16_t)strtoul(optarg, NULL, 10);
		return true;
	case 'r':
		task->record = strtoul(optarg, NULL, 10);
		return true;
	case 'v':
		task->visits = atoi(optarg);
		return task->visits > 0;
	case 'b':
		task->box = optarg;
		return true;
	case 'i':
		task->input = optarg;
		return true;
	case 's':
		task->stop_server = true;
		return true;
	case 'c':
		task->interrupt = true;
		return true;
	case 'l':
		task->ladder = true;
		return true;
	default:
		return false;
	}
}

/* Ends the list that begins at @words. Returns what follows it. */
static char **cut(char **words)
{
	while (*words && strcmp(*words, "--") != 0)
		words++;
	if (!*words)
		return words;
	*words = NULL;
	return words + 1;
}

static int open_in(const struct task *task, const char *name, int number)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s.%d", task->directory, name, number);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static bool has_syn(struct lab *lab, void *unused)
{
	(void)unused;
	return lab_trace_syns(lab) > 0;
}

/* Waits for the client's end. Returns when its visit began: at the start, or with the signal. */
static uint64_t wait_for_end(const struct task *task, pid_t pid, bool *ret_ended, int *ret_status)
{
	int64_t deadline = lab_deadline(VISIT_MS);
	uint64_t begun = lab_now_ns();

	if (task->interrupt && lab_trace_wait(task->lab, has_syn, NULL, deadline) == 0 &&
		lab_wait(task->lab, pid, lab_deadline(INTERRUPT_MS), ret_status) == -ETIMEDOUT) {
		begun = lab_now_ns();
		(void)lab_kill(task->lab, pid, SIGINT);
	}
	*ret_ended = lab_wait(task->lab, pid, deadline, ret_status) == 0;
	return begun;
}

static void print_trace(const struct task *task)
{
	int connections = (int)lab_trace_connections(task->lab);
	struct lab_moment moment;
	bool acknowledged = false;

	if (lab_trace_first_response(task->lab, LAB_ALL, task->record, &moment) == 0)
		printf("%.2f\t", moment.round_trips);
	else
		printf("-\t");
	for (int i = 0; i < connections; i++)
		acknowledged = acknowledged || lab_trace_syn_acked(task->lab, i) > 0;
	printf("%d\t%d\n", connections, acknowledged);
	if (task->ladder)
		(void)lab_ladder_text(task->lab, stderr, NULL);
}

static int visit(const struct task *task, int number)
{
	bool ended = false;
	int status = -1;
	pid_t pid;

	(void)lab_wait_idle(task->lab, IDLE_MS, lab_deadline(SETTLE_MS));
	lab_trace_reset(task->lab);
	int in = open(task->input ? task->input : "/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open_in(task, "out", number);
	int errors = open_in(task, "err", number);
	int ret = in < 0 || out < 0 || errors < 0 ? -errno : 0;

	if (ret == 0)
		ret = lab_spawn(task->lab, LAB_CLIENT, task->client, in, out, errors, &pid);
	if (ret == 0) {
		uint64_t begun = wait_for_end(task, pid, &ended, &status);
		long elapsed = (long)((lab_now_ns() - begun) / 1000000);

		lab_stop(task->lab, pid);
		if (ended)
			printf("%d\t%d\t%ld\t", number, lab_exit_status(status), elapsed);
		else
			printf("%d\t-\t%ld\t", number, elapsed);
		print_trace(task);
	}
	close(in);
	close(out);
	close(errors);
	return ret;
}

static int visit_all(const struct task *task)
{
	pid_t server = 0;
	int ret = 0;

	if (task->server[0])
		ret = lab_spawn(task->lab, LAB_SERVER, task->server, -1, STDERR_FILENO,
			STDERR_FILENO, &server);
	if (ret == 0 && task->server[0])
		ret = lab_wait_listen(task->lab, LAB_SERVER, task->port, lab_deadline(LISTEN_MS));
	for (int number = 1; ret == 0 && number <= task->visits; number++) {
		if (number == 2 && task->box)
			ret = lab_add_box(task->lab, task->box);
		if (number == 2 && task->stop_server)
			lab_stop(task->lab, server);
		if (ret >= 0)
			ret = visit(task, number);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	struct task task = {.visits = 1};
	int option;

	if (argc < 4)
		return 2;
	task.directory = argv[1];
	argv[1] = argv[0];
	while ((option = getopt_long(argc - 1, argv + 1, "+", long_options, NULL)) >= 0) {
		if (!read_option(option, &task))
			return 2;
	}
	char **server = argv + 1 + optind;

	task.server = (const char *const *)server;
	task.client = (const char *const *)cut(server);
	if (!task.client[0])
		return 2;
	/* A shell that runs this in the background ignores SIGINT, and the client would inherit that. */
	(void)signal(SIGINT, SIG_DFL);
	options.rtt_ms = RTT_MS;
	task.lab = lab_new_or_exit(&options);
	/* A dead address costs a client without a time limit three seconds this way, and not two minutes. */
	int ret = lab_set_sysctl(task.lab, LAB_CLIENT, "net/ipv4/tcp_syn_retries", "1");

	if (ret == 0)
		ret = visit_all(&task);
	if (ret < 0)
		fprintf(stderr, "adopt-visits: %s\n", strerror(-ret));
	lab_free(task.lab);
	return ret == 0 ? 0 : 1;
}
