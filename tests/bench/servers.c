/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Visits a server of any kind with the command, as sh tools/servers asks for it:
 *
 *	bench-servers DIRECTORY PORT RECORD -- SERVER [ARGUMENT]... -- CONNECT-OPTION...
 *
 * DIRECTORY/request is sent in each of three visits over a wire of the lab: the first knows nothing of
 * the server, the second has what the first brought, and before the third, with early data, tickets are
 * fetched. What each prints is left in DIRECTORY/answer.N, with its report in DIRECTORY/report.N and
 * what it said on standard error in DIRECTORY/errors.N. One line for each tells number, exit status, and
 * the round trips from the first SYN on the wire until the first byte of the answer had arrived; "-"
 * where there is none. The answer begins with the first record that has RECORD bytes or more (see
 * lab_trace_first_response()). With 0 it is smaller than a ticket may be: then it is what had arrived
 * when the command printed its first byte.
 */

#include "lab.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RTT_MS = 200, VISITS = 3, WORDS = 32, PATH_SIZE = 512 };
enum { LISTEN_MS = 30000, VISIT_MS = 30000, WARM_MS = 30000, SETTLE_MS = 2000 };

struct task {
	struct lab *lab;
	const char *directory;
	const char *port;
	size_t record;
	const char *const *options; /* of tlsfo connect */
};

static void path_in(const struct task *task, const char *name, int number, char *ret_path)
{
	snprintf(ret_path, PATH_SIZE, number > 0 ? "%s/%s.%d" : "%s/%s", task->directory, name,
		number);
}

static int open_in(const struct task *task, const char *name, int number, int flags)
{
	char path[PATH_SIZE];

	path_in(task, name, number, path);
	return open(path, flags | O_CLOEXEC, 0600);
}

/* When the last bytes of the server's arrived that were there at @seen: those that made the client
 * write its first ones. In round trips since the first SYN. */
static double round_trips_until(struct lab *lab, uint64_t seen)
{
	struct lab_packet packet;
	uint64_t arrived = 0;
	uint64_t begun = 0;

	if (lab_trace_syn(lab, 0, &packet) == 0)
		begun = packet.sent_ns;
	for (size_t i = 0; lab_trace_packet(lab, i, &packet) == 0; i++) {
		if (packet.from == LAB_SERVER && packet.payload_length > 0 &&
			packet.arrived_ns > arrived && packet.arrived_ns <= seen)
			arrived = packet.arrived_ns;
	}
	return (double)(arrived - begun) / 1e6 / RTT_MS;
}

static double round_trips(const struct task *task, uint64_t seen)
{
	struct lab_moment moment;

	if (task->record == 0)
		return round_trips_until(task->lab, seen);
	return lab_trace_first_response(task->lab, LAB_ALL, task->record, &moment) == 0
		       ? moment.round_trips
		       : -1;
}

/* Writes the answer into its file. Returns when its first byte came, or 0. */
static uint64_t copy_answer(int from, int to, int64_t deadline)
{
	struct pollfd pfd = {.fd = from, .events = POLLIN};
	char buf[16384];
	uint64_t first = 0;
	ssize_t n = 1;

	while (n > 0 && lab_deadline(0) < deadline) {
		if (poll(&pfd, 1, (int)(deadline - lab_deadline(0))) != 1)
			break;
		n = read(from, buf, sizeof(buf));
		if (n > 0 && first == 0)
			first = lab_now_ns();
		if (n > 0 && write(to, buf, (size_t)n) != n)
			break;
	}
	return first;
}

/* The words of a command line: those of @head, the store, options, host and port. */
static void fill_words(const struct task *task, const char *const *head, const char **ret_words)
{
	static char store[PATH_SIZE];
	const char *const common[] = {
		"--cafile", CERTS_DIR "/ca.pem", "--store", store, "--timeout", "20", NULL};
	size_t count = 0;

	path_in(task, "store", 0, store);
	for (; *head && count < WORDS; head++)
		ret_words[count++] = *head;
	for (size_t i = 0; common[i]; i++)
		ret_words[count++] = common[i];
	ret_words[count++] = "server4.test";
	ret_words[count++] = task->port;
	ret_words[count] = NULL;
}

static void visit(const struct task *task, int number)
{
	const char *head[WORDS] = {TLSFO_COMMAND, "connect", "--idle-timeout", "10"};
	const char *words[2 * WORDS];
	char report[PATH_SIZE];
	int64_t deadline = lab_deadline(VISIT_MS);
	size_t count = 4;
	int ends[2];
	int status = -1;
	pid_t pid;

	path_in(task, "report", number, report);
	head[count++] = "--report-file";
	head[count++] = report;
	if (number == VISITS)
		head[count++] = "--early-data";
	for (size_t i = 0; task->options[i] && count < WORDS - 1; i++)
		head[count++] = task->options[i];
	fill_words(task, head, words);

	int input = open_in(task, "request", 0, O_RDONLY);
	int answer = open_in(task, "answer", number, O_WRONLY | O_CREAT | O_TRUNC);
	int errors = open_in(task, "errors", number, O_WRONLY | O_CREAT | O_TRUNC);

	(void)lab_wait_idle(task->lab, 0, lab_deadline(SETTLE_MS));
	lab_trace_reset(task->lab);
	if (input < 0 || answer < 0 || errors < 0 || pipe2(ends, O_CLOEXEC) < 0 ||
		lab_spawn(task->lab, LAB_CLIENT, words, input, ends[1], errors, &pid) < 0)
		exit(1);
	close(ends[1]);
	uint64_t first = copy_answer(ends[0], answer, deadline);

	(void)lab_wait(task->lab, pid, deadline, &status);
	printf("%d\t%d\t", number, lab_exit_status(status));
	double trips = first > 0 ? round_trips(task, first) : -1;

	if (trips >= 0)
		printf("%.2f\n", trips);
	else
		printf("-\n");
	lab_stop(task->lab, pid);
	close(ends[0]);
	close(input);
	close(answer);
	close(errors);
}

static void warm(const struct task *task)
{
	const char *const head[] = {TLSFO_COMMAND, "warm", NULL};
	const char *words[2 * WORDS];
	pid_t pid;

	fill_words(task, head, words);
	if (lab_spawn(task->lab, LAB_CLIENT, words, -1, -1, -1, &pid) == 0)
		(void)lab_wait(task->lab, pid, lab_deadline(WARM_MS), NULL);
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

int main(int argc, char **argv)
{
	struct lab_options options = LAB_OPTIONS_DEFAULT;
	pid_t server;

	if (argc < 7 || strcmp(argv[4], "--") != 0)
		return 2;
	char **command = argv + 5;
	struct task task = {
		.directory = argv[1],
		.port = argv[2],
		.record = strtoul(argv[3], NULL, 10),
		.options = (const char *const *)cut(command),
	};
	uint16_t port = (uint16_t)strtoul(task.port, NULL, 10);

	options_extend_path();
	options.rtt_ms = RTT_MS;
	task.lab = lab_new_or_exit(&options);
	int ret = lab_spawn(task.lab, LAB_SERVER, (const char *const *)command, -1, STDERR_FILENO,
		STDERR_FILENO, &server);

	if (ret == 0)
		ret = lab_wait_listen(task.lab, LAB_SERVER, port, lab_deadline(LISTEN_MS));
	for (int number = 1; ret == 0 && number <= VISITS; number++) {
		if (number == VISITS)
			warm(&task);
		visit(&task, number);
	}
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", command[0], strerror(-ret));
	lab_free(task.lab);
	return ret == 0 ? 0 : 1;
}
