/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct subcommand subcommands[] = {
	{"connect", "open a TLS session and relay standard input and output", connect_run},
	{"warm", "fetch cookie and tickets ahead of need", warm_run},
	{"probe", "tell what fast open does on this path, and what to change", probe_run},
	{"run", "run a program with fast open, unchanged", run_run},
	{"store", "list, forget or clear the tickets kept", store_run},
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

/*
 * Makes sure that descriptors 0 to 2 are taken, so that no socket or file of ours becomes one of
 * them. A closed standard input is an empty one; writing to a closed standard output fails, because
 * what the server sends would be lost.
 */
static bool hold_standard_descriptors(void)
{
	static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The lowest free number is the one that is missing. */
		if (open("/dev/null", modes[fd]) != fd)
			return false;
	}
	return true;
}

static enum command_status help(void)
{
	char text[2048] = "";
	size_t length = 0;

	length += (size_t)snprintf(text, sizeof(text),
		"Usage: tlsfo COMMAND [OPTION]... ARGUMENT...\n"
		"TLS client sessions with the ClientHello in the TCP SYN.\n"
		"\n"
		"Commands:\n");
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "  %-10s  %s\n",
			subcommands[i].name, subcommands[i].summary);
	(void)snprintf(text + length, sizeof(text) - length,
		"\n"
		"Options:\n"
		"  -h, --help  print this text, or after a command that command's\n"
		"  --version   print the version\n"
		"\n"
		"'tlsfo help COMMAND' tells more.\n");
	return say(text);
}

static enum command_status usage_error(const char *problem, const char *word)
{
	complain("%s%s%s%s", problem, word ? " '" : "", word ? word : "", word ? "'" : "");
	(void)fputs("Try 'tlsfo --help'.\n", stderr);
	return STATUS_USAGE;
}

static const struct subcommand *subcommand_of(const char *word)
{
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++) {
		if (strcmp(word, subcommands[i].name) == 0)
			return &subcommands[i];
	}
	return NULL;
}

/* "tlsfo help COMMAND" is "tlsfo COMMAND --help". */
static enum command_status help_with(int count, char **words)
{
	const struct subcommand *subcommand = count > 0 ? subcommand_of(words[0]) : NULL;
	char option[] = "--help";

	if (count == 0)
		return help();
	if (count > 1)
		return usage_error("unexpected argument", words[1]);
	if (!subcommand)
		return usage_error("unknown command", words[0]);
	return subcommand->run(2, (char *[]){words[0], option, NULL});
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct subcommand *subcommand = word ? subcommand_of(word) : NULL;

	if (!hold_standard_descriptors())
		return STATUS_LOCAL;
	/* A reader that goes away is an error of write(2), told like any other. "tlsfo run" leaves the signal as its
	 * program is to find it. */
	if (!subcommand || subcommand->run != run_run)
		(void)signal(SIGPIPE, SIG_IGN);

	if (!word)
		return (int)usage_error("no command given", NULL);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return (int)help();
	if (strcmp(word, "help") == 0)
		return (int)help_with(argc - 2, argv + 2);
	if (strcmp(word, "--version") == 0)
		return (int)say_version();
	if (word[0] == '-')
		return (int)usage_error("unknown option", word);

	if (!subcommand)
		return (int)usage_error("unknown command", word);
	return (int)subcommand->run(argc - 1, argv + 1);
}
