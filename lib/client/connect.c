/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/name.h"
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

static int run(struct tlsfo_conn *conn)
{
	int ret = conn_resolve(conn);

	if (ret == 0)
		ret = conn_open(conn,
			conn->engine == TLSFO_ENGINE_GNUTLS ? &opening_gnutls : &opening_socket);
	if (ret == 0)
		ret = conn_handshake(conn);
	return ret;
}

int tlsfo_connect(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	struct tlsfo_conn *conn;

	if (ret_conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_conn = NULL;
	if (config == NULL || host == NULL || service == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if (host[0] == '\0' || strlen(host) > HOST_MAX_LENGTH)
		return TLSFO_E_INVALID_ARGUMENT;
	if (service[0] == '\0' || strlen(service) > SERVICE_MAX_LENGTH)
		return TLSFO_E_INVALID_ARGUMENT;
	conn = conn_new(config, host, service, deadline);
	if (conn == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	*ret_conn = conn;
	return run(conn);
}
