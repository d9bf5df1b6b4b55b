/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	OPTION_CAFILE = VALUES_LONG_OPTION,
	OPTION_SERVERNAME,
	OPTION_INSECURE,
	OPTION_PIN,
	OPTION_ALPN,
	OPTION_PRIORITY,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_KEY_PASSWORD,
	OPTION_BIND,
	OPTION_TIMEOUT,
	OPTION_IDLE_TIMEOUT,
	OPTION_FAST_OPEN,
	OPTION_REPORT,
	OPTION_REPORT_FILE,
	OPTION_STORE,
	OPTION_NO_STORE,
	OPTION_PRIVATE,
	OPTION_EARLY_DATA,
	OPTION_HALF_CLOSE,
	OPTION_JSON,
	OPTION_HELP,
	OPTION_VERSION
};

/* What every subcommand that connects understands. */
/* clang-format off */
#define COMMON_OPTIONS \
	{"cafile", required_argument, NULL, OPTION_CAFILE}, \
	{"servername", required_argument, NULL, OPTION_SERVERNAME}, \
	{"insecure", no_argument, NULL, OPTION_INSECURE}, \
	{"pin", required_argument, NULL, OPTION_PIN}, \
	{"alpn", required_argument, NULL, OPTION_ALPN}, \
	{"priority", required_argument, NULL, OPTION_PRIORITY}, \
	{"cert", required_argument, NULL, OPTION_CERT}, \
	{"key", required_argument, NULL, OPTION_KEY}, \
	{"key-password", required_argument, NULL, OPTION_KEY_PASSWORD}, \
	{"bind", required_argument, NULL, OPTION_BIND}, \
	{"timeout", required_argument, NULL, OPTION_TIMEOUT}, \
	{"help", no_argument, NULL, OPTION_HELP}, \
	{"version", no_argument, NULL, OPTION_VERSION}
/* clang-format on */

static const struct option connect_long_options[] = {
	COMMON_OPTIONS,
	{"idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT},
	{"half-close", no_argument, NULL, OPTION_HALF_CLOSE},
	{"fast-open", required_argument, NULL, OPTION_FAST_OPEN},
	{"report", required_argument, NULL, OPTION_REPORT},
	{"report-file", required_argument, NULL, OPTION_REPORT_FILE},
	{"store", required_argument, NULL, OPTION_STORE},
	{"no-store", no_argument, NULL, OPTION_NO_STORE},
	{"early-data", no_argument, NULL, OPTION_EARLY_DATA},
	{"private", no_argument, NULL, OPTION_PRIVATE},
	{NULL, 0, NULL, 0},
};

/* Those that make no sense without a conversation are missing. */
static const struct option warm_long_options[] = {
	COMMON_OPTIONS,
	{"report", required_argument, NULL, OPTION_REPORT},
	{"store", required_argument, NULL, OPTION_STORE},
	{"no-store", no_argument, NULL, OPTION_NO_STORE},
	{NULL, 0, NULL, 0},
};

/* What is kept and how to connect is the probe's own business. */
static const struct option probe_long_options[] = {
	COMMON_OPTIONS,
	{"json", no_argument, NULL, OPTION_JSON},
	{NULL, 0, NULL, 0},
};

static const struct word fast_open_words[] = {
	{"auto", TLSFO_USE_FAST_OPEN_AUTO},
	{"always", TLSFO_USE_FAST_OPEN_ALWAYS},
	{"never", TLSFO_USE_FAST_OPEN_NEVER},
	{NULL, 0},
};

static const struct word report_words[] = {
	{"line", REPORT_LINE},
	{"text", REPORT_TEXT},
	{"json", REPORT_JSON},
	{"none", REPORT_NONE},
	{NULL, 0},
};

static bool parse_alpn(struct connect_options *options, const char *list)
{
	char *text = options->alpn_text;

	if (strlen(list) >= sizeof(options->alpn_text))
		return values_wrong(options->error, "--alpn: the list is too long");
	(void)strcpy(text, list);
	options->alpn_count = 0;
	for (char *name = strsep(&text, ","); name; name = strsep(&text, ",")) {
		if (name[0] == '\0')
			return values_wrong(
				options->error, "--alpn: '%s' has an empty name in it", list);
		if (strlen(name) > 255)
			return values_wrong(options->error,
				"--alpn: the name '%.40s...' is longer than 255 bytes", name);
		if (options->alpn_count == ALPN_MAX)
			return values_wrong(options->error,
				"--alpn: '%.200s' has more than %d names", list, ALPN_MAX);
		options->alpn[options->alpn_count++] = name;
	}
	return true;
}

static bool set_family(struct connect_options *options, int family)
{
	if (options->family != AF_UNSPEC && options->family != family)
		return values_wrong(options->error, "-4 and -6 exclude each other");
	options->family = family;
	return true;
}

/* The options whose values are checked here rather than by the library. */
static bool set_checked(struct connect_options *options, int option, const char *value)
{
	bool good = false;
	int word = 0;

	switch (option) {
	case '4':
		return set_family(options, AF_INET);
	case '6':
		return set_family(options, AF_INET6);
	case OPTION_PIN:
		if (options->pin_count == PINS_MAX)
			return values_wrong(
				options->error, "--pin is given more than %d times", PINS_MAX);
		options->pins[options->pin_count++] = value;
		return true;
	case OPTION_ALPN:
		return parse_alpn(options, value);
	case OPTION_TIMEOUT:
		return values_seconds("--timeout", value, &options->timeout_ms, options->error);
	case OPTION_IDLE_TIMEOUT:
		return values_seconds(
			"--idle-timeout", value, &options->idle_timeout_ms, options->error);
	case OPTION_FAST_OPEN:
		good = values_word("--fast-open", fast_open_words, value, &word, options->error);
		options->fast_open = (enum tlsfo_fast_open_mode)word;
		return good;
	case OPTION_REPORT:
		good = values_word("--report", report_words, value, &word, options->error);
		options->report = (enum report_form)word;
		return good;
	default:
		abort(); /* long_options and the two switches disagree */
	}
}

static bool set(struct connect_options *options, int option, const char *value)
{
	switch (option) {
	case OPTION_CAFILE:
		options->cafile = value;
		return true;
	case OPTION_SERVERNAME:
		options->servername = value;
		return true;
	case OPTION_PRIORITY:
		options->priority = value;
		return true;
	case OPTION_CERT:
		options->cert = value;
		return true;
	case OPTION_KEY:
		options->key = value;
		return true;
	case OPTION_KEY_PASSWORD:
		options->key_password = value;
		return true;
	case OPTION_BIND:
		options->bind = value;
		return true;
	case OPTION_REPORT_FILE:
		options->report_file = value;
		return true;
	case OPTION_STORE:
		options->store = value;
		return true;
	case OPTION_NO_STORE:
		options->no_store = true;
		return true;
	case OPTION_EARLY_DATA:
		options->early_data = true;
		return true;
	case OPTION_PRIVATE:
		options->is_private = true;
		return true;
	case OPTION_JSON:
		options->json = true;
		return true;
	case OPTION_INSECURE:
		options->insecure = true;
		return true;
	case 'N':
	case OPTION_HALF_CLOSE:
		options->half_close = true;
		return true;
	default:
		return set_checked(options, option, value);
	}
}

/* What only shows when all options are known. */
static bool check_together(struct connect_options *options)
{
	bool bind6 = options->bind && strchr(options->bind, ':');

	if (options->cert && !options->key)
		return values_wrong(options->error, "--cert '%s' needs --key", options->cert);
	if (options->key && !options->cert)
		return values_wrong(options->error, "--key '%s' needs --cert", options->key);
	if (options->key_password && !options->key)
		return values_wrong(
			options->error, "--key-password '%s' needs --key", options->key_password);
	if (options->bind && options->family == (bind6 ? AF_INET : AF_INET6))
		return values_wrong(options->error,
			"--bind '%s' is not an address of the family that -%c asks for",
			options->bind, bind6 ? '4' : '6');
	if (options->report_file && options->report_file[0] == '\0')
		return values_wrong(options->error, "--report-file: the name is empty");
	if (options->store && options->store[0] == '\0')
		return values_wrong(options->error, "--store: the name is empty");
	if (options->store && options->no_store)
		return values_wrong(options->error, "--store and --no-store exclude each other");
	if (options->early_data && options->no_store)
		return values_wrong(options->error, "--early-data needs a ticket of an earlier "
						    "visit, and --no-store keeps none");
	if (options->is_private && (options->store || options->early_data ||
					   options->fast_open == TLSFO_USE_FAST_OPEN_ALWAYS))
		return values_wrong(options->error,
			"--private keeps and uses nothing of other visits, so it excludes %s",
			options->store	      ? "--store"
			: options->early_data ? "--early-data"
					      : "--fast-open always");
	return true;
}

/* HOST and at most @most ports; where there may be none, options->port has its default already. */
static bool take_operands(
	struct connect_options *options, size_t count, char **operands, size_t most)
{
	if (count < 1)
		return values_wrong(options->error,
			options->port ? "HOST is missing" : "HOST and PORT are missing");
	if (count < 2 && !options->port)
		return values_wrong(options->error, "PORT is missing after HOST '%s'", operands[0]);
	if (count - 1 > most)
		return values_wrong(options->error, "unexpected argument '%s' after HOST and PORT",
			operands[2]);
	options->host = operands[0];
	if (count > 1)
		options->port = operands[1];
	options->ports = operands + 1;
	options->port_count = count - 1;
	if (options->host[0] == '\0')
		return values_wrong(options->error, "HOST is empty");
	if (strlen(options->host) >= TLSFO_HOST_SIZE)
		return values_wrong(
			options->error, "HOST is longer than %d bytes", TLSFO_HOST_SIZE - 1);
	for (size_t i = 0; i < options->port_count; i++) {
		if (!values_port(options->ports[i], options->error))
			return false;
	}
	return true;
}

static enum options_wish parse(struct connect_options *options, const char *short_options,
	const struct option *long_options, size_t ports_most, int argc, char **argv)
{
	int option = 0;

	opterr = 0;
	optind = 0; /* start anew, also when it was used before */
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (option == OPTION_HELP || option == 'h')
			return OPTIONS_HELP;
		if (option == OPTION_VERSION)
			return OPTIONS_VERSION;
		if (option == '?' || option == ':') {
			(void)values_wrong_option(option, argv[optind - 1], options->error);
			return OPTIONS_WRONG;
		}
		if (!set(options, option, optarg))
			return OPTIONS_WRONG;
	}
	if (!take_operands(options, (size_t)(argc - optind), argv + optind, ports_most) ||
		!check_together(options))
		return OPTIONS_WRONG;
	return OPTIONS_CONNECT;
}

enum options_wish connect_options_parse(struct connect_options *options, int argc, char **argv)
{
	*options = (struct connect_options){
		.family = AF_UNSPEC,
		.timeout_ms = 30000,
		.idle_timeout_ms = -1,
		.report = REPORT_LINE,
	};
	return parse(options, ":46hN", connect_long_options, 1, argc, argv);
}

enum options_wish warm_options_parse(struct connect_options *options, int argc, char **argv)
{
	*options = (struct connect_options){
		.family = AF_UNSPEC,
		.timeout_ms = 30000,
		.report = REPORT_NONE,
	};
	return parse(options, ":46h", warm_long_options, SIZE_MAX, argc, argv);
}

enum options_wish probe_options_parse(struct connect_options *options, int argc, char **argv)
{
	*options = (struct connect_options){
		.port = "443",
		.family = AF_UNSPEC,
		.timeout_ms = 10000,
		.report = REPORT_NONE,
	};
	return parse(options, ":46h", probe_long_options, 1, argc, argv);
}
