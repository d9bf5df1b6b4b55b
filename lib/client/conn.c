/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/deadline.h"

int64_t tlsfo_now(void)
{
	return clock_us() / 1000;
}

int64_t tlsfo_deadline_in(int64_t ms)
{
	return deadline_in(clock_us(), ms);
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
	return conn != NULL && conn->error_text != NULL ? conn->error_text : "";
}

void tlsfo_conn_free(struct tlsfo_conn *conn)
{
	if (conn == NULL)
		return;
	conn_end_opening(conn);
	guard_deinit(&conn->guard);
	if (conn->session != NULL)
		gnutls_deinit(conn->session);
	if (conn->fd >= 0)
		close(conn->fd);
	identity_deinit(&conn->identity);
	tlsfo_config_free(conn->config);
	free(conn->error_text);
	free(conn->attempts);
	free(conn->host);
	free(conn->ascii);
	free(conn->name);
	free(conn->service);
	free(conn);
}
