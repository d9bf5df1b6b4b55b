/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include <tlsfo/tlsfo.h>

#include "base/text.h"

void complain(const char *format, ...)
{
	char text[4096] = "";
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_make_printable(text);
	(void)fprintf(stderr, "tlsfo: %s\n", text);
}

enum command_status say(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
		complain("standard output: %s", strerror(errno));
		return STATUS_LOCAL;
	}
	return STATUS_DONE;
}

enum command_status say_version(void)
{
	char text[256] = "";

	(void)snprintf(text, sizeof(text), "tlsfo %s (libtlsfo %s, GnuTLS %s)\n", TLSFO_VERSION,
		tlsfo_version(), gnutls_check_version(NULL));
	return say(text);
}
