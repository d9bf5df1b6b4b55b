/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

int conn_fail(struct tlsfo_conn *conn, int code, int error, const char *format, ...)
{
	va_list args;

	if (conn->error != 0)
		return code;
	conn->error = code;
	conn->system_error = error;
	if (conn->error_text == NULL)
		conn->error_text = malloc(CONN_ERROR_SIZE);
	if (conn->error_text == NULL)
		return code;
	va_start(args, format);
	vsnprintf(conn->error_text, CONN_ERROR_SIZE, format, args);
	va_end(args);
	text_make_printable(conn->error_text);
	text_strip_stop(conn->error_text);
	return code;
}

int conn_fail_memory(struct tlsfo_conn *conn)
{
	return conn_fail(conn, GNUTLS_E_MEMORY_ERROR, 0, "no memory");
}
