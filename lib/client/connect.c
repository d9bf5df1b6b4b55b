/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/first_data.h"
#include "client/name.h"
#include "client/tickets.h"
#include "net/fastopen.h"

/* The longest DNS name with a final dot, in brackets and with a scope. */
#define HOST_MAX_LENGTH (TLSFO_HOST_SIZE - 1)
/* Longer than any service's name. */
#define SERVICE_MAX_LENGTH 255

static enum tlsfo_engine choose_engine(const struct tlsfo_config *config)
{
	/* GnuTLS's engine cannot connect plainly. */
	if (config->fast_open == TLSFO_FAST_OPEN_NEVER)
		return TLSFO_ENGINE_SOCKET;
	if (config->engine != TLSFO_ENGINE_AUTO)
		return config->engine;
	return fastopen_compiled() ? TLSFO_ENGINE_SOCKET : TLSFO_ENGINE_GNUTLS;
}

static struct tlsfo_conn *conn_new(
	struct tlsfo_config *config, const char *host, const char *service, int64_t deadline)
{
	struct tlsfo_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->config = config_use(config);
	conn->fd = -1;
	conn->handshake = GNUTLS_E_AGAIN;
	conn->begun_us = clock_us();
	conn->resolved_us = TLSFO_UNKNOWN;
	conn->first_byte_us = TLSFO_UNKNOWN;
	conn->handshake_us = TLSFO_UNKNOWN;
	conn->deadline = deadline;
	conn->engine = choose_engine(config);
	conn->host = strdup(host);
	conn->service = strdup(service);
	conn->name = config->servername != NULL ? strdup(config->servername) : name_normalize(host);
	if (conn->host != NULL && conn->service != NULL && conn->name != NULL)
		return conn;
	tlsfo_conn_free(conn);
	return NULL;
}

int conn_run(struct tlsfo_conn *conn)
{
	int ret = conn_open(
		conn, conn->engine == TLSFO_ENGINE_GNUTLS ? &opening_gnutls : &opening_socket);

	if (ret == 0)
		ret = conn_handshake(conn);
	if (ret == 0)
		ret = first_data_check(conn);
	return ret == 0 ? first_data_send(conn) : ret;
}

/* What is known of the peer: its ticket, and its group. */
static int recall(struct tlsfo_conn *conn)
{
	int ret = identity_init(&conn->identity, conn->config, conn->host, conn->name,
		address_port(&conn->addresses[0]));

	if (ret != 0)
		return conn_fail(conn, ret, 0, "%s: %s", conn->host, tlsfo_strerror(ret));
	ret = tickets_take(conn);
	conn->group = conn->ticket.group;
	return ret;
}

static bool was_sent(const struct tlsfo_conn *conn)
{
	for (size_t i = 0; i < conn->attempt_count; i++)
		if (conn->attempts[i].sent)
			return true;
	return false;
}

static int run(struct tlsfo_conn *conn)
{
	int ret = conn_resolve(conn);

	if (ret == 0)
		ret = recall(conn);
	if (ret == 0)
		ret = conn_run(conn);
	if (ret != 0 && conn->error != 0)
		ret = conn_reconnect(conn, ret);
	if (!was_sent(conn))
		tickets_give_back(conn);
	tickets_drop(conn);
	first_data_wipe(conn);
	return ret;
}

static bool arguments_valid(const struct tlsfo_config *config, const char *host,
	const char *service, const void *data, size_t len)
{
	if (config == NULL || host == NULL || service == NULL)
		return false;
	if (host[0] == '\0' || strlen(host) > HOST_MAX_LENGTH)
		return false;
	if (service[0] == '\0' || strlen(service) > SERVICE_MAX_LENGTH)
		return false;
	return (data != NULL || len == 0) && len <= TLSFO_FIRST_DATA_MAX;
}

int tlsfo_connect_first(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	struct tlsfo_conn *conn;

	if (ret_conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_conn = NULL;
	if (!arguments_valid(config, host, service, data, len))
		return TLSFO_E_INVALID_ARGUMENT;
	if ((flags & ~TLSFO_FIRST_DATA_REPLAYABLE) != 0)
		return TLSFO_E_INVALID_FLAGS;
	conn = conn_new(config, host, service, deadline);
	if (conn == NULL || !first_data_init(conn, data, len, flags)) {
		tlsfo_conn_free(conn);
		return GNUTLS_E_MEMORY_ERROR;
	}
	*ret_conn = conn;
	return run(conn);
}

int tlsfo_connect(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	return tlsfo_connect_first(config, host, service, NULL, 0, 0, deadline, ret_conn);
}
