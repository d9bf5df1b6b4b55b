/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int failure_set(struct failure *failure, int code, int system_error, const char *format, ...)
{
	va_list args;

	if (failure->code != 0)
		return code;
	failure->code = code;
	failure->system_error = system_error;
	failure->text = malloc(FAILURE_TEXT_SIZE);
	if (failure->text == NULL)
		return code;
	va_start(args, format);
	vsnprintf(failure->text, FAILURE_TEXT_SIZE, format, args);
	va_end(args);
	text_make_printable(failure->text);
	/* GnuTLS's texts end with a full stop, ours do not. */
	for (size_t len = strlen(failure->text); len > 0; len--) {
		if (failure->text[len - 1] != '.' && failure->text[len - 1] != ' ')
			break;
		failure->text[len - 1] = '\0';
	}
	return code;
}

int failure_memory(struct failure *failure)
{
	return failure_set(failure, FAILURE_MEMORY, 0, "no memory");
}

const char *failure_text(const struct failure *failure)
{
	return failure->text != NULL ? failure->text : "";
}

void failure_deinit(struct failure *failure)
{
	free(failure->text);
	*failure = (struct failure){0};
}
