/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many connections with the client rung. */

#include "many_way.h"

#include <tlsfo/tlsfo.h>

static struct tlsfo_config *config;

static int begin(const struct many_target *target)
{
	int ret = tlsfo_config_new(&config);

	if (ret == 0)
		ret = tlsfo_config_set_ca_file(config, target->ca_file);
	return ret == 0 ? tlsfo_config_load(config) : ret;
}

static void end(void)
{
	tlsfo_config_free(config);
}

static int start(const struct many_target *target, struct many_conn *conn)
{
	int ret = tlsfo_conn_new(config, target->host, target->port, &conn->conn);

	if (ret == 0)
		ret = tlsfo_conn_begin(conn->conn, TLSFO_NEVER);
	return ret == 0 ? tlsfo_conn_advance(conn->conn) : ret;
}

static int advance(struct many_conn *conn)
{
	return tlsfo_conn_advance(conn->conn);
}

static int descriptor(const struct many_conn *conn)
{
	return tlsfo_conn_fd(conn->conn);
}

static short events(const struct many_conn *conn)
{
	return tlsfo_conn_events(conn->conn);
}

static int64_t deadline(const struct many_conn *conn)
{
	return tlsfo_conn_deadline(conn->conn);
}

static uint64_t attempts(struct many_conn *conn)
{
	struct tlsfo_report report = TLSFO_REPORT_INIT;

	return tlsfo_conn_get_report(conn->conn, &report) == 0 ? report.attempt_count : 0;
}

static void close_conn(struct many_conn *conn)
{
	tlsfo_conn_free(conn->conn);
	conn->conn = NULL;
}

const struct many_way many_way_client = {
	.name = "client",
	.begin = begin,
	.end = end,
	.start = start,
	.advance = advance,
	.descriptor = descriptor,
	.events = events,
	.deadline = deadline,
	.attempts = attempts,
	.close = close_conn,
};
