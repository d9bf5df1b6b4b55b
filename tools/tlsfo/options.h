/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TLSFO_COMMAND_OPTIONS_H
#define TLSFO_COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlsfo/client.h>

#include "values.h"

/* As many as tlsfo_config_set_alpn() takes, of at most 255 bytes and their terminators. */
#define ALPN_MAX       8
#define ALPN_TEXT_SIZE (ALPN_MAX * 256)

/* A key, the next one and some spare ones. */
#define PINS_MAX 8

enum report_form { REPORT_LINE, REPORT_TEXT, REPORT_JSON, REPORT_NONE };

/* What a command line asks for. */
enum options_wish {
	OPTIONS_CONNECT,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_WRONG /* see error */
};

/* The arguments of "tlsfo connect", "tlsfo warm" and "tlsfo probe". Strings are those of argv; NULL is not given. */
struct connect_options {
	const char *host;
	const char *port;   /* the first */
	char *const *ports; /* in argv */
	size_t port_count;

	const char *cafile;
	const char *servername;
	const char *priority;
	const char *cert;
	const char *key;
	const char *key_password; /* a file */
	const char *bind;
	bool insecure;
	const char *pins[PINS_MAX];
	size_t pin_count;
	int family; /* AF_UNSPEC, AF_INET or AF_INET6 */
	enum tlsfo_fast_open_mode fast_open;

	const char *alpn[ALPN_MAX]; /* point into alpn_text */
	size_t alpn_count;
	char alpn_text[ALPN_TEXT_SIZE];

	int64_t timeout_ms;
	int64_t idle_timeout_ms; /* -1 is none */
	bool half_close;

	const char *store;
	bool no_store;
	bool is_private;
	bool early_data;
	bool json;

	enum report_form report;
	const char *report_file;

	char error[VALUES_ERROR_SIZE]; /* names the option and the value that are wrong */
};

/* Parses argv, whose first element is the subcommand's name; fills all of @options. */
enum options_wish connect_options_parse(struct connect_options *options, int argc, char **argv);
enum options_wish warm_options_parse(struct connect_options *options, int argc, char **argv);
enum options_wish probe_options_parse(struct connect_options *options, int argc, char **argv);

/* The help texts of "tlsfo connect", "tlsfo warm" and "tlsfo probe". */
extern const char connect_help[];
extern const char warm_help[];
extern const char probe_help[];

#endif
