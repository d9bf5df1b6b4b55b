/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "options.h"

#include "command.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* More is a mistake, and sums of deadlines shall not overflow. */
#define SECONDS_MAX 999999999

enum {
	OPTION_CAFILE = 256,
	OPTION_SERVERNAME,
	OPTION_INSECURE,
	OPTION_ALPN,
	OPTION_PRIORITY,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_BIND,
	OPTION_TIMEOUT,
	OPTION_IDLE_TIMEOUT,
	OPTION_NO_HALF_CLOSE,
	OPTION_FAST_OPEN,
	OPTION_ENGINE,
	OPTION_REPORT,
	OPTION_REPORT_FILE,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{"cafile", required_argument, NULL, OPTION_CAFILE},
	{"servername", required_argument, NULL, OPTION_SERVERNAME},
	{"insecure", no_argument, NULL, OPTION_INSECURE},
	{"alpn", required_argument, NULL, OPTION_ALPN},
	{"priority", required_argument, NULL, OPTION_PRIORITY},
	{"cert", required_argument, NULL, OPTION_CERT},
	{"key", required_argument, NULL, OPTION_KEY},
	{"bind", required_argument, NULL, OPTION_BIND},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"idle-timeout", required_argument, NULL, OPTION_IDLE_TIMEOUT},
	{"no-half-close", no_argument, NULL, OPTION_NO_HALF_CLOSE},
	{"fast-open", required_argument, NULL, OPTION_FAST_OPEN},
	{"engine", required_argument, NULL, OPTION_ENGINE},
	{"report", required_argument, NULL, OPTION_REPORT},
	{"report-file", required_argument, NULL, OPTION_REPORT_FILE},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

/* A value that is one of some words. */
struct word {
	const char *text;
	int value;
};

static const struct word fast_open_words[] = {
	{"auto", TLSFO_FAST_OPEN_AUTO},
	{"always", TLSFO_FAST_OPEN_ALWAYS},
	{"never", TLSFO_FAST_OPEN_NEVER},
	{NULL, 0},
};

static const struct word engine_words[] = {
	{"auto", TLSFO_ENGINE_AUTO},
	{"socket", TLSFO_ENGINE_SOCKET},
	{"gnutls", TLSFO_ENGINE_GNUTLS},
	{NULL, 0},
};

static const struct word report_words[] = {
	{"line", REPORT_LINE},
	{"text", REPORT_TEXT},
	{"json", REPORT_JSON},
	{"none", REPORT_NONE},
	{NULL, 0},
};

COMMAND_PRINTF(2, 3)
static bool wrong(struct connect_options *options, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(options->error, sizeof(options->error), format, arguments);
	va_end(arguments);
	return false;
}

static bool parse_word(struct connect_options *options, const char *option,
	const struct word *words, const char *value, int *ret_value)
{
	char list[64] = "";
	size_t length = 0;

	for (const struct word *word = words; word->text; word++) {
		if (strcmp(value, word->text) == 0) {
			*ret_value = word->value;
			return true;
		}
		length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			word == words ? "" : ", ", word->text);
	}
	return wrong(options, "%s: '%s' is none of %s", option, value, list);
}

/*
 * Seconds as decimal digits, with a fraction or without. strtod(3) takes too much: hexadecimal,
 * "inf", "nan", and the decimal comma of a locale.
 */
static bool parse_seconds(
	struct connect_options *options, const char *option, const char *value, int64_t *ret_ms)
{
	const char *at = value;
	int64_t seconds = 0;
	int64_t nanoseconds = 0;
	int64_t unit = 100000000;
	bool digits = false;

	for (; isdigit((unsigned char)*at); at++, digits = true) {
		seconds = seconds * 10 + (*at - '0');
		if (seconds > SECONDS_MAX)
			return wrong(options, "%s: '%s' is more than %d seconds", option, value,
				SECONDS_MAX);
	}
	if (*at == '.')
		at++;
	for (; isdigit((unsigned char)*at); at++, digits = true) {
		nanoseconds += unit * (*at - '0');
		unit /= 10;
	}
	if (!digits || *at != '\0')
		return wrong(options, "%s: '%s' is not a number of seconds", option, value);
	if (seconds == 0 && nanoseconds == 0)
		return wrong(
			options, "%s: '%s' is too short, it must be more than 0", option, value);
	/* Rounded up, for a deadline must not pass before its time. */
	*ret_ms = seconds * 1000 + (nanoseconds + 999999) / 1000000;
	return true;
}

static bool parse_alpn(struct connect_options *options, const char *list)
{
	char *text = options->alpn_text;

	if (strlen(list) >= sizeof(options->alpn_text))
		return wrong(options, "--alpn: the list is too long");
	(void)strcpy(text, list);
	options->alpn_count = 0;
	for (char *name = strsep(&text, ","); name; name = strsep(&text, ",")) {
		if (name[0] == '\0')
			return wrong(options, "--alpn: '%s' has an empty name in it", list);
		if (strlen(name) > 255)
			return wrong(options,
				"--alpn: the name '%.40s...' is longer than 255 bytes", name);
		if (options->alpn_count == ALPN_MAX)
			return wrong(
				options, "--alpn: '%.200s' has more than %d names", list, ALPN_MAX);
		options->alpn[options->alpn_count++] = name;
	}
	return true;
}

static bool set_family(struct connect_options *options, int family)
{
	if (options->family != AF_UNSPEC && options->family != family)
		return wrong(options, "-4 and -6 exclude each other");
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
	case OPTION_ALPN:
		return parse_alpn(options, value);
	case OPTION_TIMEOUT:
		return parse_seconds(options, "--timeout", value, &options->timeout_ms);
	case OPTION_IDLE_TIMEOUT:
		return parse_seconds(options, "--idle-timeout", value, &options->idle_timeout_ms);
	case OPTION_FAST_OPEN:
		good = parse_word(options, "--fast-open", fast_open_words, value, &word);
		options->fast_open = (enum tlsfo_fast_open_mode)word;
		return good;
	case OPTION_ENGINE:
		good = parse_word(options, "--engine", engine_words, value, &word);
		options->engine = (enum tlsfo_engine)word;
		return good;
	case OPTION_REPORT:
		good = parse_word(options, "--report", report_words, value, &word);
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
	case OPTION_BIND:
		options->bind = value;
		return true;
	case OPTION_REPORT_FILE:
		options->report_file = value;
		return true;
	case OPTION_INSECURE:
		options->insecure = true;
		return true;
	case OPTION_NO_HALF_CLOSE:
		options->half_close = false;
		return true;
	default:
		return set_checked(options, option, value);
	}
}

/* What getopt_long() did not like; @word is the argument it stopped at. */
static bool wrong_option(struct connect_options *options, int result, const char *word)
{
	if (result == ':')
		return wrong(options, "option '%s' needs a value", word);
	/* optopt holds the letter of a short option, or the value of a long one that was given an
	 * argument it does not take, or 0. */
	if (optopt >= OPTION_CAFILE)
		return wrong(options, "option '%s' takes no value", word);
	if (optopt != 0)
		return wrong(options, "unknown option '-%c'", optopt);
	return wrong(options, "unknown option, or an abbreviation of several: '%s'", word);
}

static bool check_port(struct connect_options *options)
{
	const char *port = options->port;
	size_t digits = strspn(port, "0123456789");
	long number = 0;

	/* Anything else is the name of a service, which the resolver knows or not. */
	if (port[digits] != '\0')
		return true;
	number = digits > 0 && digits < 10 ? strtol(port, NULL, 10) : 0;
	if (number < 1 || number > 65535)
		return wrong(options, "PORT '%s' is not in the range 1 to 65535", port);
	return true;
}

/* What only shows when all options are known. */
static bool check_together(struct connect_options *options)
{
	bool bind6 = options->bind && strchr(options->bind, ':');

	if (options->cert && !options->key)
		return wrong(options, "--cert '%s' needs --key", options->cert);
	if (options->key && !options->cert)
		return wrong(options, "--key '%s' needs --cert", options->key);
	if (options->bind && options->family == (bind6 ? AF_INET : AF_INET6))
		return wrong(options,
			"--bind '%s' is not an address of the family that -%c asks for",
			options->bind, bind6 ? '4' : '6');
	if (options->report_file && options->report_file[0] == '\0')
		return wrong(options, "--report-file: the name is empty");
	return true;
}

static bool take_operands(struct connect_options *options, int count, char **operands)
{
	if (count < 1)
		return wrong(options, "HOST and PORT are missing");
	if (count < 2)
		return wrong(options, "PORT is missing after HOST '%s'", operands[0]);
	if (count > 2)
		return wrong(options, "unexpected argument '%s' after HOST and PORT", operands[2]);
	options->host = operands[0];
	options->port = operands[1];
	if (options->host[0] == '\0')
		return wrong(options, "HOST is empty");
	return check_port(options);
}

enum options_wish connect_options_parse(struct connect_options *options, int argc, char **argv)
{
	int option = 0;

	*options = (struct connect_options){
		.family = AF_UNSPEC,
		.timeout_ms = 30000,
		.idle_timeout_ms = -1,
		.half_close = true,
		.report = REPORT_LINE,
	};
	opterr = 0;
	optind = 0; /* start anew, also when it was used before */
	while ((option = getopt_long(argc, argv, ":46", long_options, NULL)) != -1) {
		if (option == OPTION_HELP)
			return OPTIONS_HELP;
		if (option == OPTION_VERSION)
			return OPTIONS_VERSION;
		if (option == '?' || option == ':') {
			(void)wrong_option(options, option, argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (!set(options, option, optarg))
			return OPTIONS_WRONG;
	}
	if (!take_operands(options, argc - optind, argv + optind) || !check_together(options))
		return OPTIONS_WRONG;
	return OPTIONS_CONNECT;
}
