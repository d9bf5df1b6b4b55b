/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"
#include "run.h"
#include "store_place.h"
#include "values.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tlsfo/store.h>

#include "../run/memory.h"

/* The ports where TLS begins with the first byte: HTTPS, submissions, NNTPS, LDAPS, DNS over TLS, FTPS to POP3S, time
 * keys (RFC 8915), SIPS, AMQPS, IRC over TLS, MQTT over TLS. */
#define PORTS "443,465,563,636,853,989-995,4460,5061,5671,6697,8883"

/* As of env(1): the program cannot be run, or there is none. */
enum { STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

struct run_options {
	const char *ports;
	const char *report_file;
	char **command;
	char error[VALUES_ERROR_SIZE];
};

enum { OPTION_PORTS = VALUES_LONG_OPTION, OPTION_REPORT_FILE, OPTION_HELP, OPTION_VERSION };

static const struct option long_options[] = {
	{"ports", required_argument, NULL, OPTION_PORTS},
	{"report-file", required_argument, NULL, OPTION_REPORT_FILE},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

/* The number that the text begins with, or 0. */
static unsigned long take_port(const char **text)
{
	char *end = NULL;
	unsigned long port = **text >= '0' && **text <= '9' ? strtoul(*text, &end, 10) : 0;

	if (end)
		*text = end;
	return port <= 65535 ? port : 0;
}

/* Numbers and ranges of numbers, separated by commas. */
static bool is_port_list(const char *list)
{
	for (;;) {
		unsigned long first = take_port(&list);
		unsigned long last = first;

		if (*list == '-') {
			list++;
			last = take_port(&list);
		}
		if (first == 0 || last < first)
			return false;
		if (*list == '\0')
			return true;
		if (*list++ != ',')
			return false;
	}
}

/* Returns an option that ends the parsing, or 0: ->command is there; or '?': ->error says what is wrong. */
static int parse(struct run_options *options, int argc, char **argv)
{
	int option = 0;

	opterr = 0;
	optind = 0; /* start anew, also when it was used before */
	/* What follows the first word that is no option is the command's. */
	while ((option = getopt_long(argc, argv, "+:h", long_options, NULL)) != -1) {
		if (option == OPTION_PORTS)
			options->ports = optarg;
		else if (option == OPTION_REPORT_FILE)
			options->report_file = optarg;
		else if (option == '?' || option == ':')
			return values_wrong_option(option, argv[optind - 1], options->error), '?';
		else
			return option == OPTION_VERSION ? OPTION_VERSION : OPTION_HELP;
	}
	options->command = argv + optind;
	if (!is_port_list(options->ports))
		(void)values_wrong(options->error,
			"--ports: '%s' is no list of port numbers such as 443,989-995",
			options->ports);
	else if (options->report_file && options->report_file[0] == '\0')
		(void)values_wrong(options->error, "--report-file: the name is empty");
	else if (!options->command[0])
		(void)values_wrong(options->error, "COMMAND is missing");
	else
		return 0;
	return '?';
}

/* The program may work in another directory. */
static bool set_report_file(const char *name)
{
	char directory[PATH_MAX] = "";
	char path[2 * PATH_MAX] = "";
	int fd =
		open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);

	if (fd < 0 || (name[0] != '/' && !getcwd(directory, sizeof(directory)))) {
		complain("run: --report-file: %s: %s", name, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "%s%s%s", directory, directory[0] ? "/" : "", name);
	return setenv("TLSFO_RUN_REPORT", path, 1) == 0;
}

/* Hands on what the path memory of the store knows: where fast open pauses, and who answered. */
static int hand_on(const struct tlsfo_store_entry *entry, void *userdata)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address = {.in6 = {.sin6_port = htons((uint16_t)entry->port)}};
	const time_t *now = userdata;
	bool paused = entry->kind == TLSFO_STORE_PATH && entry->until > *now;

	if ((!paused && entry->kind != TLSFO_STORE_HOST) || !entry->address)
		return 0;
	if (inet_pton(AF_INET, entry->address, &address.in.sin_addr) == 1)
		address.any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, entry->address, &address.in6.sin6_addr) == 1)
		address.any.sa_family = AF_INET6;
	else
		return 0;
	enum memory_advice advice = memory_ask(&address.any);

	if (paused && advice != MEMORY_AVOID)
		memory_tell(&address.any, MEMORY_FAILED);
	else if (!paused && advice == MEMORY_ASK)
		memory_tell(&address.any, MEMORY_ANSWERED);
	return 0;
}

/* Without the file each process remembers by itself. */
static void set_memory(void)
{
	char place[PATH_MAX] = "";
	char path[PATH_MAX + 16] = "";
	struct tlsfo_store *store = NULL;
	time_t now = time(NULL);

	(void)unsetenv(MEMORY_VARIABLE);
	memory_use(NULL);
	if (store_place(place, sizeof(place)) != STORE_PLACE_FOUND)
		return;
	if (tlsfo_store_open(place, NULL, 0, &store) != 0) {
		complain("run: warning: paths are remembered by each process alone: %s",
			tlsfo_store_error(store));
		tlsfo_store_free(store);
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/" RUN_MEMORY_NAME, place);
	memory_use(path);
	if (memory_make(path) != 0 || setenv(MEMORY_VARIABLE, path, 1) != 0)
		complain("run: warning: paths are remembered by each process alone: %s: %s", path,
			strerror(errno));
	else if (tlsfo_store_list(store, hand_on, &now) < 0)
		complain("run: warning: the store cannot be read");
	tlsfo_store_free(store);
}

static bool preload(const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	size_t size = strlen(library) + (others ? strlen(others) : 0) + 2;
	char *list = malloc(size);

	if (!list)
		return false;
	(void)snprintf(list, size, "%s%s%s", library, others && others[0] ? ":" : "",
		others ? others : "");
	bool set = setenv("LD_PRELOAD", list, 1) == 0;

	free(list);
	return set;
}

/* Prepares the environment. Returns false, after a complaint, when the command must not be run. */
static bool prepare(const struct run_options *options)
{
	const char *given = getenv("TLSFO_RUN_LIBRARY");
	const char *library = given && given[0] ? given : RUN_LIBRARY;
	char why[128] = "";

	if (options->report_file && !set_report_file(options->report_file))
		return false;
	if (!run_can_preload(options->command[0], why, sizeof(why))) {
		complain("run: nothing can be done for '%s', which runs as without tlsfo: %s",
			options->command[0], why);
		return true;
	}
	if (access(library, R_OK) != 0) {
		complain("run: %s: %s", library, strerror(errno));
		return false;
	}
	/* The loader separates the names of libraries by these. */
	if (strpbrk(library, ": \t") != NULL) {
		complain("run: %s: the name of the library has a colon or a blank in it", library);
		return false;
	}
	set_memory();
	return setenv("TLSFO_RUN_PORTS", options->ports, 1) == 0 && preload(library);
}

enum command_status run_run(int argc, char **argv)
{
	struct run_options options = {.ports = PORTS, .command = argv};

	switch (parse(&options, argc, argv)) {
	case OPTION_HELP:
		return say(run_help);
	case OPTION_VERSION:
		return say_version();
	case 0:
		break;
	default:
		complain("run: %s", options.error);
		(void)fputs("Try 'tlsfo run --help'.\n", stderr);
		return STATUS_USAGE;
	}
	if (!prepare(&options))
		return STATUS_LOCAL;
	(void)execvp(options.command[0], options.command);
	int error = errno;

	complain("run: %s: %s", options.command[0], strerror(error));
	return (enum command_status)(error == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}
