/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_H
#define TLSFO_COMMAND_H

#if defined(__GNUC__)
#define COMMAND_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define COMMAND_PRINTF(text, first)
#endif

/* Exit statuses of the command; they are documented in the help texts and stay. */
enum command_status {
	STATUS_DONE = 0,
	STATUS_LOCAL = 1,	/* standard input, standard output, a file or memory failed */
	STATUS_USAGE = 2,	/* an argument is wrong, or a file it names cannot be used */
	STATUS_CONNECT = 3,	/* no address could be connected to */
	STATUS_CERTIFICATE = 4, /* the server's certificate was refused */
	STATUS_TLS = 5,		/* TLS failed, or the server ended too early */
	STATUS_DEADLINE = 6	/* a deadline passed */
};

/* One word after "tlsfo". */
struct subcommand {
	const char *name;
	const char *summary;
	/* argv[0] is the subcommand's name. */
	enum command_status (*run)(int argc, char **argv);
};

enum command_status connect_run(int argc, char **argv);
enum command_status warm_run(int argc, char **argv);
enum command_status probe_run(int argc, char **argv);
enum command_status run_run(int argc, char **argv);
enum command_status store_run(int argc, char **argv);

/* One line on standard error, after "tlsfo: ". */
void complain(const char *format, ...) COMMAND_PRINTF(1, 2);

/* Prints a help text or the version on standard output. */
enum command_status say(const char *text);
enum command_status say_version(void);

#endif
