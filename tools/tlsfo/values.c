/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More is a mistake, and sums of deadlines shall not overflow. */
#define SECONDS_MAX 999999999

bool values_wrong(char *ret_error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(ret_error, VALUES_ERROR_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

bool values_word(const char *option, const struct word *words, const char *value, int *ret_value,
	char *ret_error)
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
	return values_wrong(ret_error, "%s: '%s' is none of %s", option, value, list);
}

/* strtod(3) takes too much: hexadecimal, "inf", "nan", and the decimal comma of a locale. */
bool values_seconds(const char *option, const char *value, int64_t *ret_ms, char *ret_error)
{
	const char *at = value;
	int64_t seconds = 0;
	int64_t nanoseconds = 0;
	int64_t unit = 100000000;
	bool digits = false;

	for (; isdigit((unsigned char)*at); at++, digits = true) {
		seconds = seconds * 10 + (*at - '0');
		if (seconds > SECONDS_MAX)
			return values_wrong(ret_error, "%s: '%s' is more than %d seconds", option,
				value, SECONDS_MAX);
	}
	if (*at == '.')
		at++;
	for (; isdigit((unsigned char)*at); at++, digits = true) {
		nanoseconds += unit * (*at - '0');
		unit /= 10;
	}
	if (!digits || *at != '\0')
		return values_wrong(
			ret_error, "%s: '%s' is not a number of seconds", option, value);
	if (seconds == 0 && nanoseconds == 0)
		return values_wrong(
			ret_error, "%s: '%s' is too short, it must be more than 0", option, value);
	/* Rounded up, for a deadline must not pass before its time. */
	*ret_ms = seconds * 1000 + (nanoseconds + 999999) / 1000000;
	return true;
}

bool values_port(const char *port, char *ret_error)
{
	size_t digits = strspn(port, "0123456789");
	long number = 0;

	/* Anything else is the name of a service, which the system knows or not. */
	if (port[digits] != '\0')
		return true;
	number = digits > 0 && digits < 10 ? strtol(port, NULL, 10) : 0;
	if (number < 1 || number > 65535)
		return values_wrong(ret_error, "PORT '%s' is not in the range 1 to 65535", port);
	return true;
}

bool values_wrong_option(int result, const char *word, char *ret_error)
{
	if (result == ':')
		return values_wrong(ret_error, "option '%s' needs a value", word);
	/* optopt holds the letter of a short option, or the value of a long one that was given an
	 * argument it does not take, or 0. */
	if (optopt >= VALUES_LONG_OPTION)
		return values_wrong(ret_error, "option '%s' takes no value", word);
	if (optopt != 0)
		return values_wrong(ret_error, "unknown option '-%c'", optopt);
	return values_wrong(ret_error, "unknown option, or an abbreviation of several: '%s'", word);
}
