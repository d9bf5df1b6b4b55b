/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ways to begin a connection, and the clock that its deadlines are of. */

#include "client/conn.h"

#include <string.h>

#include <gnutls/gnutls.h>

#include <tlsfo/error.h>

#include "base/clock.h"
#include "base/deadline.h"
#include "client/config.h"

/* The longest DNS name with a final dot, in brackets and with a scope. */
#define HOST_MAX_LENGTH (TLSFO_HOST_SIZE - 1)
/* Longer than any service's name. */
#define SERVICE_MAX_LENGTH 255

int64_t tlsfo_now(void)
{
	return clock_us() / 1000;
}

int64_t tlsfo_deadline_in(int64_t ms)
{
	return deadline_in(clock_us(), ms);
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
	if (ret_conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_conn = NULL;
	if (!arguments_valid(config, host, service, data, len))
		return TLSFO_E_INVALID_ARGUMENT;
	if ((flags & ~TLSFO_FIRST_DATA_REPLAYABLE) != 0)
		return TLSFO_E_INVALID_FLAGS;
	*ret_conn = conn_new(config, host, service, data, len, flags, deadline);
	return *ret_conn != NULL ? 0 : GNUTLS_E_MEMORY_ERROR;
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

int tlsfo_prime(struct tlsfo_config *config, const char *host, const char *service,
	int64_t deadline, struct tlsfo_conn **ret_conn)
{
	if (ret_conn == NULL)
		return TLSFO_E_INVALID_ARGUMENT;
	*ret_conn = NULL;
	/* A cookie would tell the server who comes again. */
	if (config != NULL && config->is_private)
		return TLSFO_E_INVALID_ARGUMENT;
	int ret = tlsfo_connect_start(config, host, service, NULL, 0, 0, deadline, ret_conn);

	return ret == 0 ? conn_prime(*ret_conn) : ret;
}
