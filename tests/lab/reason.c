/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reason.h"

#include <stdarg.h>
#include <string.h>

int reason_set(struct lab_reason *reason, int error, const char *format, ...)
{
	char text[160];
	va_list arguments;

	if (reason->text[0])
		return -error;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(reason->text, sizeof(reason->text), "%s: %s", text, strerrordesc_np(error));
	return -error;
}
