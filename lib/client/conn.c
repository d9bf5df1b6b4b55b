/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/text.h"
#include "client/first_data.h"

int64_t tlsfo_now(void)
{
	return clock_us() / 1000;
}

int64_t tlsfo_deadline_in(int64_t ms)
{
	return deadline_in(clock_us(), ms);
}

int conn_fail(struct tlsfo_conn *conn, int code, int error, const char *format, ...)
{
	va_list args;

	if (conn->error != 0)
		return code;
	conn->error = code;
	conn->system_error = error;
	va_start(args, format);
	vsnprintf(conn->error_text, sizeof(conn->error_text), format, args);
	va_end(args);
	text_strip_stop(conn->error_text);
	return code;
}

gnutls_session_t tlsfo_conn_session(struct tlsfo_conn *conn)
{
	return conn != NULL && conn->stage == CONN_OPEN ? conn->session : NULL;
}

int tlsfo_conn_fd(const struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return -1;
	return conn->stage == CONN_OPEN ? conn->fd : waits_fd(&conn->waits);
}

const char *tlsfo_conn_error(const struct tlsfo_conn *conn)
{
	return conn != NULL ? conn->error_text : "";
}

void tlsfo_conn_free(struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return;
	conn_stop_opening(conn);
	paths_settle(conn);
	if (conn->session != NULL)
		gnutls_deinit(conn->session);
	if (conn->fd >= 0)
		close(conn->fd);
	ticket_clear(&conn->ticket);
	first_data_wipe(conn);
	identity_deinit(&conn->identity);
	tlsfo_config_free(conn->config);
	free(conn->attempts);
	free(conn->host);
	free(conn->ascii);
	free(conn->name);
	free(conn->service);
	free(conn);
}
