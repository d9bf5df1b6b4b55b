/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <stdlib.h>
#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/first_data.h"

/* The longest DNS name with a final dot, in brackets and with a scope. */
#define HOST_MAX_LENGTH (TLSFO_HOST_SIZE - 1)
/* Longer than any service's name. */
#define SERVICE_MAX_LENGTH 255

/* Everything that is kept from the arguments. False: there is not enough memory. */
static bool keep_arguments(
	struct tlsfo_conn *conn, const char *host, const char *service, const char *name)
{
	conn->host = strdup(host);
	conn->service = strdup(service);
	if (name != NULL)
		conn->name = strdup(name);
	return conn->host != NULL && conn->service != NULL && (name == NULL || conn->name != NULL);
}

/* NULL: there is not enough memory. */
static struct tlsfo_conn *conn_new(
	struct tlsfo_config *config, const char *host, const char *service, int64_t deadline)
{
	struct tlsfo_conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->config = config_use(config);
	conn->fd = -1;
	conn->wake_us = -1;
	waits_init(&conn->waits);
	conn->handshake = GNUTLS_E_AGAIN;
	conn->begun_by = forked_generation(&config->process);
	conn->begun_us = clock_us();
	conn->resolved_us = TLSFO_UNKNOWN;
	conn->first_byte_us = TLSFO_UNKNOWN;
	conn->handshake_us = TLSFO_UNKNOWN;
	conn->deadline = deadline;
	if (keep_arguments(conn, host, service, config->servername))
		return conn;
	tlsfo_conn_free(conn);
	return NULL;
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

int tlsfo_connect_start(struct tlsfo_config *config, const char *host, const char *service,
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
	return 0;
}

int tlsfo_connect_first(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	int ret = tlsfo_connect_start(config, host, service, data, len, flags, deadline, ret_conn);

	return ret == 0 ? conn_run(*ret_conn) : ret;
}

int tlsfo_connect(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	return tlsfo_connect_first(config, host, service, NULL, 0, 0, deadline, ret_conn);
}
