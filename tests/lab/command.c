/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* tlsfo-lab runs any two programs on the wire of a lab. */

#include "command_options.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_LAB = 125, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };
enum { LAST_PACKETS_MS = 20, LAST_PACKETS_MOST_MS = 2000 };

static int fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "tlsfo-lab: %s: %s\n", what, why);
	return status;
}

static int fail_with(int status, const char *what, int error)
{
	return fail(status, what, strerrordesc_np(error));
}

static int add_boxes(struct lab *lab, const struct command_options *options)
{
	size_t i;

	for (i = 0; i < options->box_count; i++) {
		int result = lab_add_box(lab, options->boxes[i]);

		if (result == -ENOENT)
			return fail(EXIT_USAGE, options->boxes[i],
				"no such box; see tlsfo-lab --list-boxes");
		if (result < 0)
			return fail(EXIT_USAGE, options->boxes[i],
				"its argument is missing, superfluous or out of range");
	}
	return 0;
}

static int start_server(struct lab *lab, const struct command_options *options, pid_t *ret_server)
{
	int64_t deadline = lab_deadline((int64_t)(options->wait_seconds * 1000));
	int result;

	result = lab_spawn(
		lab, LAB_SERVER, options->server, -1, STDOUT_FILENO, STDERR_FILENO, ret_server);
	if (result < 0)
		return fail_with(EXIT_LAB, options->server[0], -result);

	result = lab_wait_listen(lab, LAB_SERVER, options->wait_port, deadline);
	if (result == -ECHILD)
		return fail(EXIT_LAB, options->server[0], "ended before it listened");
	if (result < 0)
		return fail(EXIT_LAB, options->server[0], "does not listen in time");
	return 0;
}

/*
 * What the user sends this program is meant for the client. A terminal sends its signals to the
 * client as well, so those are not passed on.
 */
static void pass_signals_on(struct lab *lab, int signals, pid_t client)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_code <= 0)
			(void)lab_kill(lab, client, (int)info.ssi_signo);
	}
}

static int wait_for_client(struct lab *lab, int signals, pid_t client)
{
	struct pollfd fds[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = lab_pidfd(lab, client), .events = POLLIN},
	};
	int status = 0;

	while (!fds[1].revents) {
		if (poll(fds, 2, -1) > 0 && fds[0].revents)
			pass_signals_on(lab, signals, client);
	}
	(void)lab_wait(lab, client, -1, &status);
	return lab_exit_status(status);
}

static int run_client(struct lab *lab, const struct command_options *options, int signals)
{
	pid_t client;
	int result;

	result = lab_spawn(lab, LAB_CLIENT, options->client, STDIN_FILENO, STDOUT_FILENO,
		STDERR_FILENO, &client);
	if (result < 0)
		return fail_with(result == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN,
			options->client[0], -result);
	return wait_for_client(lab, signals, client);
}

static int draw(struct lab *lab, const struct command_options *options, FILE *file)
{
	struct lab_ladder ladder = {
		.connection = LAB_ALL,
		.min_record = options->min_record,
		.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
	};

	return lab_ladder_text(lab, file, &ladder);
}

static int write_ladder(struct lab *lab, const struct command_options *options)
{
	const char *name = options->ladder_file;
	FILE *file;
	int result;

	if (!name)
		return draw(lab, options, stderr);
	if (strcmp(name, "-") == 0)
		return draw(lab, options, stdout);

	file = fopen(name, "we");
	if (!file)
		return -errno;

	result = draw(lab, options, file);
	if (fclose(file) == EOF && result == 0)
		result = -errno;
	return result;
}

static int write_pictures(struct lab *lab, const struct command_options *options)
{
	int result = 0;

	/* The client has ended, its last packets have not arrived yet. */
	if (options->pcap || options->ladder)
		(void)lab_wait_idle(lab, LAST_PACKETS_MS, lab_deadline(LAST_PACKETS_MOST_MS));
	if (options->pcap)
		result = lab_write_pcap(lab, LAB_CLIENT, options->pcap);
	if (result < 0)
		return fail_with(EXIT_LAB, options->pcap, -result);
	if (options->ladder)
		result = write_ladder(lab, options);
	if (result < 0)
		return fail_with(EXIT_LAB, "the ladder", -result);
	return 0;
}

static int run(struct lab *lab, const struct command_options *options, int signals)
{
	pid_t server;
	int status = add_boxes(lab, options);
	int drawn;

	if (status == 0)
		status = start_server(lab, options, &server);
	if (status)
		return status;

	status = run_client(lab, options, signals);
	drawn = write_pictures(lab, options);
	return status ? status : drawn;
}

/* Blocked in the whole process and read from a descriptor; the programs started get none of it. */
static int catch_signals(void)
{
	sigset_t caught;

	sigemptyset(&caught);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGHUP);
	sigaddset(&caught, SIGQUIT);
	sigprocmask(SIG_BLOCK, &caught, NULL);
	return signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
	struct command_options options;
	struct lab *lab = NULL;
	struct lab_reason reason;
	int signals;
	int result;

	setlocale(LC_CTYPE, "");
	switch (command_options_read(argc, argv, &options)) {
	case COMMAND_DONE:
		return fflush(stdout) == EOF ? EXIT_LAB : 0;
	case COMMAND_USAGE:
		return EXIT_USAGE;
	default:
		break;
	}

	result = lab_new(&options.lab, &lab, &reason);
	if (result == LAB_SKIP)
		return fail(LAB_EXIT_SKIP, "the system permits no lab", reason.text);
	if (result < 0)
		return fail(EXIT_LAB, "cannot make the lab", reason.text);

	signals = catch_signals();
	result = signals < 0 ? fail_with(EXIT_LAB, "signalfd", errno) : run(lab, &options, signals);
	lab_free(lab);
	if (signals >= 0)
		close(signals);
	return result;
}
