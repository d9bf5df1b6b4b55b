/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/conn.h"

#include <string.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "client/first_data.h"

/* The longest DNS name with a final dot, in brackets and with a scope. */
#define HOST_MAX_LENGTH (TLSFO_HOST_SIZE - 1)
/* Longer than any service's name. */
#define SERVICE_MAX_LENGTH 255

/* In a program's storage; the tries of a race that is held twice. */
#define STORAGE_ATTEMPTS 32

/* Everything that is kept from the arguments. False: there is not enough memory. */
static bool keep_arguments(
	struct tlsfo_conn *conn, const char *host, const char *service, const char *name)
{
	conn->host = storage_string(&conn->memory, host, strlen(host));
	conn->service = storage_string(&conn->memory, service, strlen(service));
	if (name != NULL)
		conn->name = storage_string(&conn->memory, name, strlen(name));
	return conn->host != NULL && conn->service != NULL && (name == NULL || conn->name != NULL);
}

/* In a program's storage: room for all attempts that a connection and its repetition may come to, and for
 * the words of a failure. */
static bool reserve(struct tlsfo_conn *conn)
{
	if (!storage_is_fixed(&conn->memory))
		return true;
	conn->attempt_room = STORAGE_ATTEMPTS;
	conn->attempts =
		storage_take(&conn->memory, conn->attempt_room * sizeof(conn->attempts[0]));
	conn->error_text = storage_take(&conn->memory, CONN_ERROR_SIZE);
	return conn->attempts != NULL && conn->error_text != NULL;
}

/* On the heap, or at the beginning of @memory. NULL: there is not enough. */
static struct tlsfo_conn *conn_new(struct storage *memory, struct tlsfo_config *config,
	const char *host, const char *service, int64_t deadline)
{
	struct tlsfo_conn *conn = storage_take(memory, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->memory = *memory;
	conn->config = config_use(config);
	conn->fd = -1;
	conn->wake_us = -1;
	waits_init(&conn->waits, &conn->memory);
	conn->handshake = GNUTLS_E_AGAIN;
	conn->begun_us = clock_us();
	conn->resolved_us = TLSFO_UNKNOWN;
	conn->first_byte_us = TLSFO_UNKNOWN;
	conn->handshake_us = TLSFO_UNKNOWN;
	conn->deadline = deadline;
	if (keep_arguments(conn, host, service, config->servername) && reserve(conn))
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

static int start(struct storage *memory, struct tlsfo_config *config, const char *host,
	const char *service, const void *data, size_t len, unsigned int flags, int64_t deadline,
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
	conn = conn_new(memory, config, host, service, deadline);
	if (conn == NULL || !first_data_init(conn, data, len, flags)) {
		tlsfo_conn_free(conn);
		return storage_is_fixed(memory) ? TLSFO_E_INVALID_STORAGE : GNUTLS_E_MEMORY_ERROR;
	}
	*ret_conn = conn;
	return 0;
}

int tlsfo_connect_start(struct tlsfo_config *config, const char *host, const char *service,
	const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	struct storage heap = {0};

	return start(&heap, config, host, service, data, len, flags, deadline, ret_conn);
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

int tlsfo_connect_start_mem(void *mem, size_t size, struct tlsfo_config *config, const char *host,
	const char *service, const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	struct storage memory;

	if (ret_conn != NULL)
		*ret_conn = NULL;
	if (mem == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	if ((uintptr_t)mem % _Alignof(struct tlsfo_conn_storage) != 0 ||
		size < TLSFO_CONN_STORAGE_MIN)
		return TLSFO_E_INVALID_STORAGE;
	storage_init(&memory, mem, size);
	return start(&memory, config, host, service, data, len, flags, deadline, ret_conn);
}

int tlsfo_connect_mem(void *mem, size_t size, struct tlsfo_config *config, const char *host,
	const char *service, const void *data, size_t len, unsigned int flags, int64_t deadline,
	struct tlsfo_conn **ret_conn)
{
	int ret = tlsfo_connect_start_mem(
		mem, size, config, host, service, data, len, flags, deadline, ret_conn);

	return ret == 0 ? conn_run(*ret_conn) : ret;
}
